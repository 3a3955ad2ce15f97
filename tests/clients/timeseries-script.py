"""Goes through the life of a series with the requests library, and prints what it got as JSON."""
import json
import sys
from datetime import datetime

import requests

url, token = sys.argv[1:3]
auth = {"token": token}


def answer(reply):
    return [reply.status_code, reply.json() if reply.text else None]


def send(method, path, **members):
    return answer(requests.request(method, url + path, json={**auth, **members}))


def get(path, **query):
    return answer(requests.get(url + path, params=query))


created = send(
    "PUT",
    "/series/new",
    device_id="ESP8266",
    device_desc="on the balcony",
    desc="Outside temperature",
    timestamp=datetime(2001, 1, 1).isoformat(),
)
series = created[1]
listed = get("/series")[1][str(series)]
points = [send("PUT", "/point/new", series_id=series, fields={"temp_C": degrees}) for degrees in (13, 13.5, 14)]
found = get("/series/%s" % series)
first = points[0][1]
answers = {
    "created": created,
    "listed": listed,
    "parses": datetime.fromisoformat(listed["timestamp"]).year > 2001,
    "points": [status for status, _ in points],
    "ids": [id for _, id in points] == [point["id"] for point in found[1]],
    "fields": [point["fields"] for point in found[1]],
    "first": get("/point/%s" % first)[1]["fields"],
    "call": requests.get(url + "/points/count", params={"callback": "cb"}).text,
    "deleted": send("DELETE", "/point/%s" % first),
    "missing": get("/point/%s" % first),
    "left": len(get("/series/%s" % series, **{"from": "yesterday?"})[1]),
    "removed": send("DELETE", "/series/%s" % series),
    "gone": str(series) not in get("/series")[1],
    "unknown": get("/series/%s" % series),
    "refused": answer(requests.put(url + "/point/new", data="x")),
}
print(json.dumps(answers))

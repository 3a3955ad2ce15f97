"""Does with the requests library what programs of the older cloud do, and prints what it got as JSON."""
import hashlib
import io
import json
import os
import struct
import sys
import tempfile

import requests

domain, email, password = sys.argv[1:4]


class Failed(Exception):
    pass


class Api:
    """Sends the headers of the older library: a content type with every call, and whatever token there is."""

    def __init__(self, token_type="jwt"):
        self.token_type, self.token, self.username = token_type, None, None

    def headers(self):
        return {
            "Content-Type": "application/json",
            "Authorization": "%s %s" % (self.token_type, self.token),
        }

    def url(self, path):
        return "%s/api/v1/%s/" % (domain, path)

    def post_bare(self, path, members):
        return requests.post(self.url(path), json.dumps(members), headers={"Content-Type": "application/json"})

    def login(self, **credentials):
        reply = self.post_bare("auth/login", credentials)
        if reply.status_code == 200:
            self.token, self.username = reply.json()[self.token_type], reply.json()["username"]
        return reply.status_code == 200

    def logout(self):
        reply = requests.post(self.url("auth/logout"), headers=self.headers())
        if reply.status_code == 204:
            self.token = self.username = None
        return reply.status_code == 204

    def set_token(self, token, token_type):
        self.token, self.token_type = token, token_type

    def refresh_token(self):
        reply = self.post_bare("auth/api-jwt-refresh", {"token": self.token})
        self.token = reply.json()["token"] if reply.status_code == 200 else None
        return self.token is not None

    def call(self, method, path, members=None, **params):
        body = None if members is None else json.dumps(members)
        reply = requests.request(method, self.url(path), headers=self.headers(), data=body, params=params)
        if reply.status_code >= 400:
            raise Failed(reply.status_code, reply.text)
        if reply.status_code in (204, 205):
            return None
        try:
            return reply.json()
        except ValueError:
            return reply.content

    def get(self, path, **params):
        return self.call("GET", path, **params)

    def post(self, path, members):
        return self.call("POST", path, members)

    def delete(self, path):
        try:
            self.call("DELETE", path)
        except Failed:
            return False
        return True

    def upload(self, path, file, fields=None, **params):
        headers = {"Authorization": self.headers()["Authorization"]}
        files = {"file": file}
        reply = requests.post(self.url(path), files=files, data=fields, params=params, headers=headers)
        return [reply.status_code, reply.json()]

    def pages(self, path, **params):
        """Counts up as long as there is a next one."""
        page, results = 1, []
        while True:
            got = self.get(path, page=page, **params)
            results.append(got["results"])
            if got["next"] is None:
                return results
            page += 1


def outcome(call, *arguments, **params):
    try:
        return call(*arguments, **params)
    except Failed as failure:
        return list(failure.args)


def report_of(device, count):
    """A binary report, as the device would sign it."""
    size = 44 + 16 * count
    head = struct.pack("<BBHIIIBBH", 1, size & 255, size >> 8, device, count + 1, 0, 0, 1, 0xABCD)
    readings = [struct.pack("<HHIII", 0x5001, 0, i, i - 1, 99 + i) for i in range(1, count + 1)]
    signed = head + b"".join(readings) + struct.pack("<II", 1, count)
    return signed + hashlib.sha256(signed).digest()[:16]


def accumulation(sources, start, end):
    streams = {}
    for source in sources:
        if source.startswith("s--"):
            found = [api.get("stream/" + source)]
        else:
            of = {"p": "project", "d": "device"}[source[0]]
            found = sum(api.pages("stream", **{of: source}), [])
        for stream in found:
            points = sum(api.pages("stream/%s/data" % stream["slug"], start=start, end=end), [])
            total = sum(point["output_value"] for point in points)
            if total != 0:
                streams[stream["slug"]] = {"sum": total, "units": stream["output_unit"]["unit_short"]}
    return {"streams": streams, "total": sum(stream["sum"] for stream in streams.values())}


api = Api()
answers = {"anonymous": outcome(api.get, "account")}
answers["wrong"] = api.login(email=email, password="not this")
answers["login"] = [api.login(email=email, password=password), api.username]
first = api.token
answers["refreshed"] = [api.refresh_token(), api.token != first, api.get("account")["count"]]

org = api.post("org", {"name": "My new Org"})
answers["org"] = {
    "slug": org["slug"],
    "put": api.call("PUT", "org/my-new-org", {"about": "x"})["about"],
    "patched": api.call("PATCH", "org/my-new-org", {"about": "y"})["about"],
    "got": api.get("org/my-new-org")["about"],
    "again": outcome(api.post, "org", {"name": "My new Org"})[0],
}
project = api.post("project", {"name": "Irrigation", "org": org["slug"]})
device = api.post("device", {"label": "Filtration", "project": project["id"]})
slug = device["slug"]
lid = "%s--5001" % project["gid"]
api.post("variable", {"project": project["id"], "lid": 0x5001, "name": "Flow"})
litres = {"slug": "litres", "unit_full": "Litres", "unit_short": "l", "m": 10, "d": 1, "o": 0}
stream = api.post("stream", {"device": slug, "variable": "v--" + lid, "output_unit": litres})["slug"]
answers["resources"] = {
    "projects": [found["name"] for found in api.get("org/my-new-org/projects", a=1)["results"]],
    "project": api.get("project/" + project["id"])["slug"] == project["slug"],
    "device": api.call("PATCH", "device/" + slug, {"external_id": "x7"})["external_id"],
    "missing": outcome(api.get, "device/d--ffff"),
    "deleted": [api.delete("project/" + project["id"]), api.delete("device/d--ffff")],
}

times = ["2017-04-11T20:37:%02dZ" % second for second in range(12)]
points = [{"stream": stream, "timestamp": time, "value": i} for i, time in enumerate(times)]
answers["written"] = [api.post("data", points), api.post("data", {**points[0], "value": 0.5})["value"]]
answers["stream_data"] = [
    [point["output_value"] for point in page] for page in api.pages("stream/%s/data" % stream, page_size=5)
]
answers["raw_data"] = [
    [point["value"] for point in page] for page in api.pages("data", filter=stream, page_size=6)
]
rows = api.get("df", filter=stream, format="csv", lastn=2)
answers["csv"] = [type(rows).__name__, rows.decode().replace(stream, "S1").splitlines()]
answers["sums"] = {
    source[0]: accumulation([source], times[0], times[11])["total"]
    for source in (stream, slug, project["slug"])
}
answers["units"] = accumulation([stream], times[0], times[3])["streams"] == {stream: {"sum": 35, "units": "l"}}

other = api.post("device", {"label": "Reporter", "project": project["id"]})
memory = io.BytesIO(report_of(other["id"], 100))
sent = {"timestamp": "2018-01-01T00:00:00Z"}
answers["report"] = api.upload("streamer/report", memory, **sent)
streamer = api.get("streamer", device=other["slug"])["results"][0]
answers["streamer"] = [streamer["last_id"], streamer["selector"]]
answers["readings"] = api.get("data", filter=other["slug"])["count"]

with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "shock.json")
    with open(name, "w") as file:
        json.dump({"test": 1}, file)
    fields = {"stream": stream, "timestamp": times[0], "encoded_extra_data": json.dumps({"peak": 3})}
    with open(name, "rb") as file:
        status, event = api.upload("event/upload", file, fields)
answers["event"] = [
    status,
    api.get("event/%d" % event["id"])["extra_data"],
    api.get("event/%d/data" % event["id"]),
    [found["id"] == event["id"] for found in api.get("event", filter=stream)["results"]],
]
answers["event_deleted"] = [api.delete("event/%d" % event["id"]), api.get("event", filter=stream)["count"]]

jwt, key = api.token, api.get("auth/token")["token"]
api.set_token(key, "token")
answers["key"] = api.get("account")["count"]
api.set_token(jwt, "jwt")
answers["logout"] = [api.logout(), api.token]
api.set_token(first, "jwt")
answers["after"] = outcome(api.get, "account")
api.set_token("garbage", "jwt")
answers["refused"] = [api.refresh_token(), api.token]
print(json.dumps(answers))

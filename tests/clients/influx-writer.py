"""Writes to a server with the client library of InfluxDB 1, and prints what it got as JSON lines."""
import json
import sys
from urllib.parse import urlparse

from influxdb import InfluxDBClient
from influxdb.exceptions import InfluxDBClientError

url = urlparse(sys.argv[1])
username, password = sys.argv[2:4]


def client(password=password, **more):
    return InfluxDBClient(url.hostname, url.port, username, password, "greenhouse", **more)


def refusal(call):
    try:
        call()
    except InfluxDBClientError as error:
        return {"status": error.code, "text": str(error)}


plain = client()
answers = {
    "ping": plain.ping(),
    "created": plain.create_database("greenhouse"),
    "databases": plain.get_list_database(),
    "policies": plain.get_list_retention_policies("greenhouse"),
    "empty": plain.write_points([]),
    "points": plain.write_points(
        [
            {
                "measurement": "air",
                "tags": {"host": "north side", "a,b": "x=y"},
                "time": "2026-05-01T06:00:00Z",
                "fields": {"warm": True, "humidity": 81, "temperature": 14.25, "note": 'said "hi" in C:\\temp\\'},
            }
        ]
    ),
    "lines": plain.write_points(["soil,host=south value=7i 1777615200"], time_precision="s", protocol="line"),
    "packed": client(gzip=True).write_points(
        [f"pump,host=south flow={i} {i}" for i in range(10_000)],
        time_precision="ms",
        protocol="line",
        batch_size=4_000,
    ),
    "partial": refusal(
        lambda: plain.write_points(["soil,host=south value=x 1", "soil,host=south value=8i 1777615201000000000"], protocol="line")
    ),
    "query": refusal(lambda: plain.query("SELECT * FROM air")),
    "wrong": refusal(lambda: client("wrong").write_points(["soil value=1"], protocol="line")),
}
print(json.dumps(answers))

"""Logs the temperature of a DS18B20 once a minute, from an ESP32 with MicroPython.

Copy this file to the board as main.py, and beside it a config.json with values of your own:

{"wifi": "my network", "password": "...", "url": "http://192.168.1.10:8080", "token": "...",
 "name": "cellar", "about": "ESP32 by the wine", "pin": 4}

The first point makes a series, whose number is kept in series.json. See it at <url>/plot/<number>.
"""

import json
import time

import ds18x20
import machine
import network
import onewire
import requests

with open("config.json") as file:
    config = json.load(file)


def connect():
    wlan = network.WLAN(network.STA_IF)
    wlan.active(True)
    if wlan.isconnected():
        return
    wlan.connect(config["wifi"], config["password"])
    for _ in range(30):
        if wlan.isconnected():
            return
        time.sleep(1)
    raise OSError("no wireless network")


def put(path, body):
    """Sends JSON to the server, and returns the number that it answers with."""
    body["token"] = config["token"]
    headers = {"content-type": "application/json"}
    reply = requests.put(config["url"] + path, data=json.dumps(body), headers=headers)
    try:
        if reply.status_code != 201:
            raise OSError(reply.text)
        return reply.json()
    finally:
        reply.close()


def series():
    try:
        with open("series.json") as file:
            return json.load(file)
    except OSError:
        number = put("/series/new", {"device_id": config["name"], "device_desc": config["about"]})
        with open("series.json", "w") as file:
            json.dump(number, file)
        return number


sensor = ds18x20.DS18X20(onewire.OneWire(machine.Pin(config["pin"])))
probe = sensor.scan()[0]

while True:
    try:
        connect()
        sensor.convert_temp()
        time.sleep(1)  # The sensor takes three quarters of a second to measure.
        put("/point/new", {"series_id": series(), "fields": {"temp_C": sensor.read_temp(probe)}})
    except OSError as error:
        print("not sent:", error)
    time.sleep(60)

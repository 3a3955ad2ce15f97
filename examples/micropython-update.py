# Updates over the air with MicroPython: keeps this program as main.py, asks every ten minutes whether
# there is a newer one, checks its SHA-256, puts it in the place of the old one and starts again.
import hashlib
import machine
import os
import requests  # on older firmware: import urequests as requests
import time

VERSION = "1.0"  # the name of the tag that this file is published as
SERVER = "http://192.168.1.10:8080"
DEVICE = "d--0000-0000-0000-0001"
KEY = "the key of this device"


def get(path):
    return requests.get(SERVER + path, headers={"Authorization": "a-jwt " + KEY})


def update():
    reply = get("/firmware/%s/offer.json?version=%s" % (DEVICE, VERSION))
    if reply.status_code != 200:  # 204: there is nothing new
        return False
    offer = reply.json()
    program = get(offer["path"] + "?version=" + VERSION).content
    digest = "".join("%02x" % byte for byte in hashlib.sha256(program).digest())
    if digest != offer["sha256"]:
        print("not updated: the file is not what was offered")
        return False
    with open("next.py", "wb") as file:
        file.write(program)
    os.rename("next.py", "main.py")
    return True


while True:
    try:
        if update():
            machine.reset()
    except OSError as error:
        print("not updated:", error)
    time.sleep(600)

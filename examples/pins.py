# Virtual pins with MicroPython: sends a reading every ten seconds, and switches a lamp by what
# somebody else wrote to pin ivp8 of the lamp's own pipeline.
import machine
import network
import requests  # on older firmware: import urequests as requests
import time

WIFI = ("my network", "its password")
SERVER = "http://192.168.1.10:8080/pipeline/stream"
KEY = "abcdefghijklmnop"  # sixteen characters of your own
SENSOR = "12345678"  # eight digits of your own
LAMP = "12345679"


def ask(operation, id, pins=""):
    """The answer, or None when it was refused."""
    address = "%s?opt=%s&id=%s%s" % (SERVER, operation, id, pins)
    reply = requests.get(address, headers={"X-Pipeline-Key": KEY})
    answer = reply.json()
    reply.close()
    if reply.status_code == 201:
        return answer
    print(reply.status_code, answer["message"])


station = network.WLAN(network.STA_IF)
station.active(True)
station.connect(*WIFI)
while not station.isconnected():
    time.sleep(0.2)

sensor = machine.ADC(0)
lamp = machine.Pin(2, machine.Pin.OUT)

# From the second start on these say "ID already exists", which does no harm.
ask("cre", SENSOR)
ask("cre", LAMP)

while True:
    # Whole numbers from 0 to 9999 in ivp1 ... ivp8, texts in svp1 ... svp4.
    ask("snd", SENSOR, "&ivp1=%d&svp1=running" % (sensor.read_u16() * 9999 // 65535))
    record = ask("rcv", LAMP)
    if record:
        lamp.value(record["stream"]["int_virtual_pin"].get("ivp8", 0))
    time.sleep(10)

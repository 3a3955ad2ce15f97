// Updates over the air with an ESP8266 or ESP32: asks once an hour whether there is a new program, and
// installs it. The server answers 304 when there is none.
#if defined(ESP8266)
#include <ESP8266WiFi.h>
#include <ESP8266httpUpdate.h>
#define updater ESPhttpUpdate
#else
#include <WiFi.h>
#include <HTTPUpdate.h>
#define updater httpUpdate
#endif

const char *WIFI_NAME = "my network";
const char *WIFI_PASSWORD = "its password";
// The slug of the device and its key, from the API: POST /api/v1/device/<slug>/key/
const String SERVER = "http://192.168.1.10:8080/firmware/d--0000-0000-0000-0001";
const String KEY = "the key of this device";
const String VERSION = "1.0";  // The name of the tag that this program is published as.

WiFiClient network;

void setup() {
  Serial.begin(115200);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  while (WiFi.status() != WL_CONNECTED) delay(200);
}

void loop() {
  // Restarts by itself after an update; the first question then tells the server that it went well.
  switch (updater.update(network, SERVER + "?key=" + KEY, VERSION)) {
    case HTTP_UPDATE_FAILED:
      Serial.println("not updated: " + updater.getLastErrorString());
      break;
    case HTTP_UPDATE_NO_UPDATES:
      Serial.println(VERSION + " is what this board is to run");
      break;
    default:
      break;
  }
  delay(60UL * 60 * 1000);
}

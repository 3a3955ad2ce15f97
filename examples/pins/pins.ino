// Virtual pins with an ESP8266 or ESP32: sends a reading every ten seconds, and switches a lamp
// by what somebody else wrote to pin ivp8 of the lamp's own pipeline.
#if defined(ESP8266)
#include <ESP8266WiFi.h>
#include <ESP8266HTTPClient.h>
#else
#include <WiFi.h>
#include <HTTPClient.h>
#endif

const char *WIFI_NAME = "my network";
const char *WIFI_PASSWORD = "its password";
const String SERVER = "http://192.168.1.10:8080/pipeline/stream";
const String KEY = "abcdefghijklmnop";  // sixteen characters of your own
const String SENSOR = "12345678";       // eight digits of your own
const String LAMP = "12345679";

WiFiClient network;
HTTPClient http;  // One for all requests, so that the connection stays open.

// The body of the answer; empty when it was refused.
String ask(const String &operation, const String &id, const String &pins = "") {
  http.setReuse(true);
  http.begin(network, SERVER + "?opt=" + operation + "&id=" + id + pins);
  http.addHeader("X-Pipeline-Key", KEY);
  int status = http.GET();
  String body = http.getString();
  http.end();
  if (status == 201) return body;
  Serial.println(String(status) + " " + body);
  return "";
}

void setup() {
  Serial.begin(115200);
  pinMode(LED_BUILTIN, OUTPUT);
  WiFi.begin(WIFI_NAME, WIFI_PASSWORD);
  while (WiFi.status() != WL_CONNECTED) delay(200);
  ask("cre", SENSOR);  // Says "ID already exists" from the second start on, which does no harm.
  ask("cre", LAMP);
}

void loop() {
  // Whole numbers from 0 to 9999 in ivp1 ... ivp8, texts in svp1 ... svp4.
  ask("snd", SENSOR, "&ivp1=" + String(analogRead(A0)) + "&svp1=running");
  String record = ask("rcv", LAMP);
  digitalWrite(LED_BUILTIN, record.indexOf("\"ivp8\":1}") >= 0 ? HIGH : LOW);
  delay(10000);
}

"""MQTT, the one way into and out of the controller (docs/mqtt.md). The only home of aiomqtt, in five rooms.

mqtt_client   topics, stamps, a client set up our way
mqtt_line     staying connected, and letting go
mqtt_orders   bytes on `cmd` -> Order or Refusal; pure
mqtt_link     the controller's end
mqtt_remote   the end of the page and the command line

What the rest of the house needs is named here.
"""

from pitrainer.mqtt_client import BrokerSettings, Topics, open_client, stamp
from pitrainer.mqtt_link import ControllerLink
from pitrainer.mqtt_orders import Order, Refusal, judge
from pitrainer.mqtt_remote import Ack, Point, Remote

__all__ = [
    "Ack",
    "BrokerSettings",
    "ControllerLink",
    "Order",
    "Point",
    "Refusal",
    "Remote",
    "Topics",
    "judge",
    "open_client",
    "stamp",
]

"""The page: a Flask app behind waitress, in a process of its own; it meets the controller over MQTT only."""

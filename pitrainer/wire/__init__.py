"""Pure bytes to values and back: heart rate, battery, treadmills over Bluetooth, and later serial machines.

Nothing here waits, connects or remembers. A `decode` takes what arrived and gives a frozen value in the units of
`pitrainer.model`; an `encode` gives the bytes of a value, so that the virtual devices of the tests and the demo
speak with the same codec in the other role. What is absent, marked "not available" or cut off is `None`. What
cannot be understood, or cannot be said in the field it has to go into, raises `WireError` and nothing else.
"""


class WireError(ValueError):
    """Bytes that cannot be understood, or a value that does not fit its field. The text says which and why."""

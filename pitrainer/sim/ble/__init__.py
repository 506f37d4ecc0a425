"""A Bluetooth neighbourhood without a radio: real bleak, real HCI, L2CAP and ATT, virtual controllers.

    driver -> bleak -> backend.py -> bumble host -> virtual controller -> air.py -> ... -> strap.py, treadmill.py

`air.Air` is one room with one central adapter and any number of devices; `backend.radio(air)` is the
`drivers.bluetooth.Radio` that lives in it; `strap.VirtualStrap` and `treadmill.VirtualTreadmill` are separate
machines that know nothing of the drivers: they only see ATT requests. What is not exercised here is BlueZ and its
D-Bus. bumble is a development dependency, so nothing on the product path imports this package.
"""

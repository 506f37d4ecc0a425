"""Virtual serial treadmills: the same codecs in the other role, on a cable in memory or on a pty.

A machine only knows octets and time: `hear` is told what arrived and when, `connect` says where its own octets go, and
between calls its belt and lift move by `pitrainer.sim.treadmill`. `cable` carries octets between a driver and a
machine in virtual time, at the line's pace and with its faults; `stand` puts a machine on a real pty.
"""

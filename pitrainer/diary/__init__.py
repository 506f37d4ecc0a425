"""The training diary: what recorded sessions amount to, as figures, reports, files for other programs, and backups.

Everything here reads finished records (`pitrainer.history`) and runs outside the control process. `trace` turns
samples into moments; `figures`, `climbs`, `steady` and `laps` are pure arithmetic on those; `report` and `overview`
draw them as HTML that needs no script; `fit` and `tcx` write files; `backup` and `upload` move them about.
"""

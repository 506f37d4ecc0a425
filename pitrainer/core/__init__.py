"""Pure decisions: no clock, no event loop, no log, no random numbers, no input or output."""

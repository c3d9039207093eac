#!/usr/bin/env python
"""Django's command line."""

import gc
import os
import signal
import sys

from cstoannot.bytecode import keep_bytecode

if __name__ == "__main__":
    if sys.argv[1:2] in (["serve"], ["demo"]):
        keep_bytecode()
    # What is imported stays: looking for garbage among it takes a tenth of the start.
    gc.set_threshold(50_000, 20, 50)
    if sys.argv[1:2] in (["serve"], ["demo"]):
        # While it starts, Ctrl-C ends it at once; an exception could be lost in a callback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)

# Starts the emulator so that it cannot outlive the process that started it. Its argument is the directory it works in,
# which makes every process of the group recognisable by its command line.
import os
import signal
import sys
import threading


def follow_owner():
    # Standard input is a pipe that only the owner holds. It ends with the owner, however the owner ended.
    try:
        while os.read(0, 1):
            pass
    finally:
        os.killpg(os.getpgrp(), signal.SIGKILL)


threading.Thread(target=follow_owner, daemon=True).start()
sys.argv = ["ministack"]

from ministack.app import main  # noqa: E402  (slow, so the owner is followed first)

main()

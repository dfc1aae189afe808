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
from ministack.services import route53  # noqa: E402

build_health_check = route53._build_health_check_el
update_health_check = route53._update_health_check


def build_as_aws(parent, check):
    # AWS writes `true`, the emulator Python's `True`, which no SDK can read.
    build_health_check(parent, check)
    for field in parent.iter():
        if field.tag in ("MeasureLatency", "EnableSNI", "Inverted", "Disabled"):
            field.text = field.text.lower()


def update_as_aws(check_id, body):
    # AWS refuses an update whose version is no longer the check's; the emulator takes every one.
    asked = route53._text(route53._parse_body(body), "HealthCheckVersion")
    check = route53._health_checks.get(check_id)
    if check and asked and int(asked) != check["version"]:
        return route53._error_response(
            "HealthCheckVersionMismatch", f"The health check's version is {check['version']}.", 409
        )
    return update_health_check(check_id, body)


route53._build_health_check_el = build_as_aws
route53._update_health_check = update_as_aws

main()

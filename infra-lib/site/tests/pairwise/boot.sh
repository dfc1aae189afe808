#!/bin/bash
# The boot script of the rows that have one of their own.
exec python3 -m http.server 8080

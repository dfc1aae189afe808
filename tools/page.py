"""Opens pages in a headless Chromium and tells what is wrong with them.

    page.py CACHE OUT PAGE...

Each PAGE is opened light, dark, on a phone and as a printer sees it, from the file alone: no network. Prints JSON, one entry for
each page: what its console said, what it asked for from elsewhere, and what axe-core found. OUT gets the pictures and the print.

CACHE keeps the browser. It comes from npm's registry, pinned by its hash: of the registries that a build machine may reach, that
one has a Chromium with the libraries that it needs. It is for Linux on x86-64; elsewhere, or to use another one, set CHROMIUM to
a browser's program.
"""

import hashlib
import io
import json
import os
import platform
import sys
import tarfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import axe_playwright_python
import brotli
from playwright.sync_api import sync_playwright

VERSION = "153.0.0"
URL = f"https://registry.npmjs.org/@sparticuz/chromium/-/chromium-{VERSION}.tgz"
SHA512 = (
    "8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34ef"
    "c41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0"
)
# BOUND: 70 MB come in half a minute on a slow line; a silent one is down.
SILENCE_SECONDS = 60
TRIES = 3

LIGHT = {"color_scheme": "light", "viewport": {"width": 1200, "height": 1060}}
DARK = {"color_scheme": "dark", "viewport": {"width": 1200, "height": 1060}}
PHONE = {"color_scheme": "light", "viewport": {"width": 390, "height": 800}}


def browser(cache):
    """The browser's program, and the environment that it needs."""
    if own := os.environ.get("CHROMIUM"):
        return own, {}
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        sys.exit("there is no pinned Chromium for this machine\nhint: set CHROMIUM to the program of one")
    home = cache / f"chromium-{VERSION}"
    if not home.exists():
        unpack(fetch(), home)
    return str(home / "chromium"), {
        "LD_LIBRARY_PATH": str(home / "lib"),
        "FONTCONFIG_FILE": str(home / "fonts.conf"),
    }


def fetch():
    for left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(URL, timeout=SILENCE_SECONDS) as answer:
                packed = answer.read()
            break
        except (OSError, urllib.error.URLError) as error:
            if not left:
                sys.exit(f"cannot fetch the browser: {URL}: {error}\nhint: set CHROMIUM to a browser's program")
            time.sleep(2)
    if hashlib.sha512(packed).hexdigest() != SHA512:
        sys.exit(f"the browser is not the pinned one: {URL}")
    return packed


def unpack(packed, home):
    """Into a folder beside it first: who is interrupted leaves nothing half made, and who is second is not in the way."""
    making = home.with_name(f"{home.name}.{os.getpid()}")
    making.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as outer:
        inner = lambda name: brotli.decompress(outer.extractfile(f"package/bin/{name}.br").read())
        for name in ["al2023.tar", "swiftshader.tar", "fonts.tar"]:
            with tarfile.open(fileobj=io.BytesIO(inner(name))) as files:
                # What it holds is pinned; the filter only keeps newer Pythons from warning.
                files.extractall(making, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        (making / "chromium").write_bytes(inner("chromium"))
    (making / "chromium").chmod(0o755)
    fonts = f"<fontconfig><dir>{home}/fonts</dir><cachedir>{home}/fonts-cache</cachedir></fontconfig>"
    (making / "fonts.conf").write_text('<?xml version="1.0"?>\n' + fonts)
    try:
        making.rename(home)
    except OSError:
        if not home.exists():
            raise


def look(chromium, page, out, axe):
    """Opens one page in every way."""
    found = {"page": page.name, "console": [], "requests": [], "violations": []}
    address = page.resolve().as_uri()
    for name, how in [("light", LIGHT), ("dark", DARK), ("phone", PHONE)]:
        # Past the page's own policy, which would keep axe out as it keeps everything else out.
        context = chromium.new_context(bypass_csp=True, offline=True, **how)
        tab = context.new_page()
        tab.on("console", lambda said: found["console"].append(f"{said.type}: {said.text}"))
        tab.on("pageerror", lambda error: found["console"].append(f"error: {error}"))
        tab.on("request", lambda asked: found["requests"].append(asked.url))
        tab.goto(address)
        tab.screenshot(path=out / f"{page.stem}-{name}-top.png")
        tab.screenshot(path=out / f"{page.stem}-{name}.png", full_page=True)
        tab.evaluate(axe)
        for one in tab.evaluate("axe.run()")["violations"]:
            where = [" ".join(map(str, node["target"])) for node in one["nodes"]]
            found["violations"].append(
                {"in": name, "impact": one["impact"], "id": one["id"], "help": one["help"], "where": where}
            )
        context.close()
    tab = chromium.new_page()
    tab.goto(address)
    tab.pdf(path=out / f"{page.stem}.pdf", prefer_css_page_size=True, print_background=True)
    tab.close()
    found["requests"] = sorted(set(found["requests"]) - {address})
    return found


def main():
    cache, out, *pages = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    program, environment = browser(cache.resolve())
    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    # The sandbox needs rights that a container's root lacks; what is opened are our own files, offline.
    flags = ["--no-sandbox", "--in-process-gpu", "--use-angle=swiftshader", "--disable-dev-shm-usage"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, env={**os.environ, **environment}, args=flags
        )
        print(json.dumps([look(chromium, page, out, axe) for page in pages], indent=2))
        chromium.close()


main()

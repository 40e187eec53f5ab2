#!/usr/bin/env bash
# Playwright tells Firefox neither "dark", "print" nor "no script", without a word; its A4 is smaller than A6.
#
# Versions: Playwright 1.64.1 (PyPI) with the Firefox of Debian (firefox-esr 153), channel "moz-firefox".
# Expected: `color_scheme="dark"`, `java_script_enabled=False` and `emulate_media(media="print")` work or
#           raise, as other options that a browser does not support do; `pdf(format="A4")` is 210 mm wide.
# Seen:     all are accepted and have no effect: the page is light, on a screen, and runs scripts. (1.65
#           raises at new_context() instead, for every page, even without these options.) The PDF is
#           a fraction of A4, because the width goes out in inches to a protocol that counts in
#           centimetres (WebDriver BiDi, browsingContext.print).
# Why:      a suite that is run a second time "in Firefox" passes its tests of dark pages and of print
#           by looking at the light page on the screen. Ask `matchMedia` in the test; set the preference
#           layout.css.prefers-color-scheme.content-override for the scheme; give the size of the paper
#           as 2.54 times what it is.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

command -v firefox-esr >/dev/null || apt-get install --yes --no-install-recommends firefox-esr >apt.log
python3 -m venv venv
venv/bin/pip install --quiet playwright==1.64.1 pypdf==6.1.1

cat >look.py <<'PYTHON'
import io
import shutil

import pypdf
from playwright.sync_api import sync_playwright

DARK, PRINT = "matchMedia('(prefers-color-scheme: dark)').matches", "matchMedia('print').matches"
firefox = {"channel": "moz-firefox", "executable_path": shutil.which("firefox-esr")}


def width_mm(pdf):
    return round(float(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].mediabox.width) / 72 * 25.4)


with sync_playwright() as playwright:
    browser = playwright.firefox.launch(**firefox)
    page = browser.new_context(color_scheme="dark").new_page()
    print("color_scheme='dark': accepted, the page is dark:", page.evaluate(DARK))
    page.emulate_media(media="print")
    print("media='print': accepted, the page is on paper:", page.evaluate(PRINT))
    print("A4 is as wide as A4:", width_mm(page.pdf(format="A4")) in range(208, 213))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto("data:text/html,<title>no</title><script>document.title = 'yes'</script>")
    print("java_script_enabled=False: accepted, a script ran:", page.title())
    print("2.54 times A4 is as wide as A4:", width_mm(page.pdf(width="21in", height="29.7in")) in range(208, 213))
    browser.close()
    preference = {"layout.css.prefers-color-scheme.content-override": 0}
    browser = playwright.firefox.launch(**firefox, firefox_user_prefs=preference)
    print("by preference, the page is dark:", browser.new_context().new_page().evaluate(DARK))
    browser.close()
PYTHON
venv/bin/python look.py | tee seen

cat >expected <<'TEXT'
color_scheme='dark': accepted, the page is dark: False
media='print': accepted, the page is on paper: False
A4 is as wide as A4: False
java_script_enabled=False: accepted, a script ran: yes
2.54 times A4 is as wide as A4: True
by preference, the page is dark: True
TEXT
diff expected seen && echo "as described"

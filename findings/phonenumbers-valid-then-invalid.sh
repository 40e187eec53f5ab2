#!/usr/bin/env bash
# Within a year of `phonenumbers` releases, numbers lose their validity and change how they are written.
#
# Versions: phonenumbers 9.0.21 beside 9.0.43 (patch releases by their number).
# Expected: the data only grows, as numbering plans open new ranges; a number that was valid when an
#           account stored it stays valid, and its written form stays the same.
# Seen:     of 54 000 numbers drawn at random in nine numbering plans, hundreds change sides in both
#           directions between two patch releases. Some that were "fixed line" or "mobile" are now of
#           unknown type, and their international form is grouped differently, without the separate
#           area code. One is not even "possible" any more. Parsing to E.164 stays the same.
# Why:      a form that validates the whole account rejects a change of the user's name because of a
#           number that was stored a year ago; two servers of different age disagree about one number;
#           a unique key over the written form lets the same number in twice. Store and compare E.164,
#           and validate only what changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
for release in 9.0.21 9.0.43; do
    venv/bin/pip install --quiet --no-deps --target "$release" "phonenumbers==$release"
done

cat >judge.py <<'PYTHON'
"""Prints, for the release in the folder given, each sample with its judgement."""
import random
import sys

sys.path.insert(0, sys.argv[1])
import phonenumbers
from phonenumbers import PhoneNumberFormat

# Not one of these belongs to a person that we know: digits in sequence within the ranges that changed.
for text in ("+4537123456", "+50620371234", "+26344521234", "+963922012345", "+905047123456", "+254137123456"):
    number = phonenumbers.parse(text)
    print(
        "named",
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.is_possible_number(number),
        phonenumbers.is_valid_number(number),
        phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        sep="\t",
    )

draw = random.Random(9021)
for country_code in (45, 46, 90, 213, 243, 252, 254, 263, 267):
    for _ in range(6000):
        digits = draw.randrange(7, 11)
        text = f"+{country_code}{draw.randrange(10 ** (digits - 1), 10**digits)}"
        print("drawn", text, phonenumbers.is_valid_number(phonenumbers.parse(text)), sep="\t")
PYTHON
for release in 9.0.21 9.0.43; do venv/bin/python judge.py "$release" >"$release.txt"; done

cat >compare.py <<'PYTHON'
import csv

def rows(release):
    with open(f"{release}.txt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))

pairs = list(zip(rows("9.0.21"), rows("9.0.43"), strict=True))
for before, after in pairs:
    if before[0] == "named":
        assert before[1] == after[1], "E.164 changed"
        possible = f"possible {before[2]} -> {after[2]}"
        print(f"{before[1]}: {possible}, valid {before[3]} -> {after[3]}, {before[4]} -> {after[4]}")
drawn = [(before[2], after[2]) for before, after in pairs if before[0] == "drawn"]
print(f"drawn: {len(drawn)}, valid then invalid {drawn.count(('True', 'False'))}, "
      f"invalid then valid {drawn.count(('False', 'True'))}")
PYTHON
python3 compare.py | tee seen

cat >expected <<'TEXT'
+4537123456: possible True -> True, valid True -> False, +45 37 12 34 56 -> +45 37 12 34 56
+50620371234: possible True -> True, valid True -> False, +506 2037 1234 -> +506 2037 1234
+26344521234: possible True -> False, valid True -> False, +263 4 452 1234 -> +263 44521234
+963922012345: possible True -> True, valid True -> False, +963 922 012 345 -> +963 922 012 345
+905047123456: possible True -> True, valid False -> True, +90 504 712 34 56 -> +90 504 712 34 56
+254137123456: possible True -> True, valid False -> True, +254 137 123456 -> +254 137 123456
drawn: 54000, valid then invalid 649, invalid then valid 578
TEXT
diff expected seen && echo "as described"

#!/usr/bin/env python
"""Django's command line for Foyer."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from environs import EnvError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, EnvError) as error:
        # A wrong setting is the operator's to mend: one sentence, no traceback.
        sys.exit(f"Foyer cannot start: {error}")


if __name__ == "__main__":
    main()

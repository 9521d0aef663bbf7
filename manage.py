#!/usr/bin/env python
"""Django's command line; values of `.env` are read first."""

import os
import sys

from leksono_portal.run import env


def main():
    env.load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leksono_portal.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

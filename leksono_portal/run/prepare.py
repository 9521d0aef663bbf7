"""A process of `make run` that readies the database: as its owner, or as the web role.

One process for several commands, since starting Django costs more than most of them.
"""

import os
import sys

STEPS = {
    "owner": [
        ("migrate", {"interactive": False, "verbosity": 0}),
        ("createcachetable", {"verbosity": 0}),
        ("grant_web_role", {"verbosity": 0}),
        ("load_reference", {"verbosity": 0}),
        ("collectstatic", {"interactive": False, "verbosity": 0}),
    ],
    "web": [("seed_demo", {"if_empty": True})],
}


def main(role):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leksono_portal.settings")
    import django
    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    django.setup()
    for command, options in STEPS[role]:
        try:
            call_command(command, **options)
        except (CommandError, OperationalError) as error:
            sys.exit(f"{command}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])

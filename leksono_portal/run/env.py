"""The `.env` file: KEY=VALUE lines of one machine, never committed."""

import json
import os
import secrets
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


def load(base=BASE):
    """For manage.py: `.env`, then the database of the portal that runs from here."""
    load_file(base / ".env")
    try:
        running = json.loads((base / ".run/state.json").read_text())["environment"]
    except (OSError, ValueError):
        return
    for name, value in running.items():
        if not os.environ.get(name):
            os.environ[name] = value


def load_file(path=BASE / ".env"):
    """Put the values of `.env` into os.environ; what is already there stays."""
    if not path.is_file():
        return
    for line in path.read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def ensure_secret_key(path=BASE / ".env"):
    """Write a random SECRET_KEY into `.env` where none is set; True if written."""
    if os.environ.get("SECRET_KEY"):
        return False
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
    before = path.read_text() if path.exists() else ""
    gap = "\n" if before and not before.endswith("\n") else ""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with open(descriptor, "a") as file:
        file.write(f"{gap}SECRET_KEY={os.environ['SECRET_KEY']}\n")
    return True

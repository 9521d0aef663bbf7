"""Gives plain `pytest` a database: loaded by pytest.ini before Django's settings.

Where DATABASE_URL is set, that one is used; `.env` is never read here, so that tests
cannot meet the data of a running portal.
"""

import os

from . import env, postgres

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("SITE_URL", "http://127.0.0.1:8000")
cluster = None
if not os.environ.get("DATABASE_URL"):
    cluster = postgres.ensure(env.BASE / ".pgtest", test=True)
    os.environ["DATABASE_URL"] = cluster.url(postgres.OWNER)


def pytest_unconfigure():
    if cluster:
        cluster.release()

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from leksono_portal.kit import form_keys, papers

PASSWORD = "panen-raya-salak"


def make_user(username):
    User = get_user_model()
    required = dict.fromkeys(User.REQUIRED_FIELDS, username)
    return User.objects.create_user(username, password=PASSWORD, **required)


def give_address(user, address=None):
    """An e-mail address that its owner has proven."""
    user.email = address or f"{user.username}@desa.example"
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True)


@pytest.fixture(autouse=True)
def papers_of_the_tests(monkeypatch):
    """Papers are made from `contoh.typ` beside the tests."""
    monkeypatch.setattr(papers, "TEMPLATES", Path(__file__).parent)


@pytest.fixture
def operator(db):
    return make_user("operator.besani")


@pytest.fixture
def other_operator(db):
    return make_user("operator.timbang")


def filled_by(user, **typed):
    """The fields of a form as a page made for `user` sends them."""
    return {"form_key": form_keys.new_key(user), **typed}

from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from leksono_portal.kit import form_keys
from leksono_portal.kit.models import AuditEvent, FormKey
from leksono_portal.kit.tests.conftest import filled_by

pytestmark = pytest.mark.urls("leksono_portal.kit.tests.urls")


def written():
    return [event.target for event in AuditEvent.objects.order_by("pk")]


def test_a_form_sent_twice_writes_once_and_leads_to_the_same_place(client, operator):
    client.force_login(operator)
    form = filled_by(operator, teks="Talut Besani")
    first = client.post("/tulis/", form)
    second = client.post("/tulis/", form)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url == "/hasil/?n=12"
    assert written() == ["Talut Besani"]


def test_two_forms_write_twice(client, operator):
    client.force_login(operator)
    client.post("/tulis/", filled_by(operator, teks="satu"))
    client.post("/tulis/", filled_by(operator, teks="satu"))
    assert written() == ["satu", "satu"]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_the_same_time_writes_once(operator):
    form = filled_by(operator, teks="bersamaan")
    session = Client()
    session.force_login(operator)
    barrier = Barrier(4)
    answers = []

    def send():
        client = Client()
        client.cookies = session.cookies.copy()
        barrier.wait()
        answers.append(client.post("/tulis/", form))
        connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(a.status_code, a.url) for a in answers] == [(302, "/hasil/?n=9")] * 4
    assert written() == ["bersamaan"]


@pytest.mark.parametrize(("end", "status"), [("salah", 200), ("usang", 409)])
def test_a_form_that_was_not_accepted_writes_nothing_and_may_be_sent_again(
    client, operator, end, status
):
    client.force_login(operator)
    form = filled_by(operator, teks="coba", akhir=end)
    assert client.post("/tulis/", form).status_code == status
    assert written() == []
    assert not FormKey.objects.exists()
    assert client.post("/tulis/", form | {"akhir": ""}).status_code == 302
    assert written() == ["coba"]


def test_a_refused_form_writes_nothing_and_says_why(client, operator):
    client.force_login(operator)
    answer = client.post("/tulis/", filled_by(operator, teks="x", akhir="tolak"))
    assert answer.status_code == 403
    assert "Bukan wewenang Anda." in answer.content.decode()
    assert written() == []


def test_a_form_sent_again_with_other_words_loses_none_of_them(client, operator):
    client.force_login(operator)
    form = filled_by(operator, teks="naskah pertama")
    client.post("/tulis/", form)
    answer = client.post("/tulis/", form | {"teks": "naskah kedua"})
    assert answer.status_code == 409
    assert written() == ["naskah pertama"]
    held = answer.context["held"]
    assert ("teks", "naskah kedua") in held.fields
    again = client.post(held.path, dict(held.fields))
    assert again.status_code == 302
    assert written() == ["naskah pertama", "naskah kedua"]


@pytest.mark.parametrize("key", [None, "", "palsu", f"{UUID(int=7).hex}.1:tanda"])
def test_a_missing_or_forged_key_is_refused_with_a_sentence(client, operator, key):
    client.force_login(operator)
    form = {"teks": "x"} if key is None else {"teks": "x", "form_key": key}
    answer = client.post("/tulis/", form)
    assert answer.status_code == 400
    assert "Buka lagi formulirnya" in answer.content.decode()
    assert written() == []


def test_the_key_of_another_user_is_refused_with_a_sentence(
    client, operator, other_operator
):
    client.force_login(other_operator)
    answer = client.post("/tulis/", filled_by(operator, teks="x"))
    assert answer.status_code == 400
    assert "Isian ini ditulis oleh pengguna lain." in answer.content.decode()
    assert written() == []


def test_a_key_used_on_one_page_is_refused_on_another(client, operator):
    client.force_login(operator)
    form = filled_by(operator, teks="x")
    client.post("/tulis/", form)
    answer = client.post("/tulis/lain/", form)
    assert answer.status_code == 400
    assert written() == ["x"]


def test_each_form_on_a_page_has_its_own_key(rf, operator):
    from django.template import RequestContext, engines

    template = engines["django"].from_string("{% form_key %}|{% form_key %}").template
    request = rf.get("/")
    request.user = operator
    shown = template.render(RequestContext(request)).split("|")
    read = [form_keys.read_key(key.split('value="')[1].rstrip('">')) for key in shown]
    (one, writer), (two, same_writer) = read
    assert one and two and one != two
    assert writer == same_writer == str(operator.pk)
    assert form_keys.read_key(f"{one.hex}.{operator.pk}:forged.1") == (None, None)

"""How to reach a village's office: who writes it, how numbers are read, who sees it."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client

from leksono_portal.kit import form_keys
from leksono_portal.kit.errors import Stale
from leksono_portal.kit.models import AuditEvent
from villages.contacts.forms import ContactForm
from villages.contacts.models import Contact
from villages.tests.make import make_contact

ADDRESS = "/desa/besani/kontak/ubah/"


def send(client, user, **fields):
    client.force_login(user)
    key = {form_keys.FIELD: form_keys.new_key(user)}
    return client.post(ADDRESS, {"version": 0} | fields | key)


def test_staff_of_the_village_and_the_admin_write_it_and_nobody_else(cast):
    may = {"operator", "head", "admin"}
    for who in vars(cast):
        user = getattr(cast, who)
        if not hasattr(user, "username"):
            continue
        allowed = Contact.objects.villages_editable_by(user).contains(cast.besani)
        assert allowed == (who in may), who
        if who not in may:
            with pytest.raises(PermissionDenied):
                make_contact(cast.besani, user)
    assert make_contact(cast.leksono, cast.lurah).pk == cast.leksono.pk


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0286 321234", "0286321234"),
        ("(0286) 321-234", "0286321234"),
        ("+62 286 321234", "0286321234"),
        ("62286321234", "0286321234"),
        ("+62 0286 321234", "0286321234"),
        ("0812-3456-7890", "081234567890"),
        ("+62 812 3456 7890", "081234567890"),
        ("", ""),
    ],
)
def test_a_number_is_stored_in_one_way(cast, client, typed, stored):
    assert send(client, cast.operator, phone=typed, whatsapp=typed).status_code == 302
    contact = Contact.objects.get()
    assert (contact.phone, contact.whatsapp) == (stored, stored)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("321234", "diawali 0 dan kode wilayah"),
        ("+65 6123 4567", "tanpa kata"),
        ("00628123456", "diawali 0"),
        ("0286 321", "Nomor ini 7 angka"),
        ("0812345678901234", "Nomor ini 16 angka"),
        ("0286 321234 / 0286 321235", "satu nomor"),
        ("telepon Pak Lurah", "satu nomor"),
        ("٠٢٨٦٣٢١٢٣٤", "diawali 0"),
    ],
)
def test_what_is_no_number_is_answered_with_a_sentence_and_kept(
    cast, client, typed, sentence
):
    response = send(client, cast.operator, phone=typed, address="Jalan raya")
    page = response.content.decode()
    assert response.status_code == 200 and sentence in page
    assert f'value="{typed}"' in page and "Jalan raya" in page
    assert not Contact.objects.exists()


def test_the_form_asks_for_numbers_of_the_office_only(cast):
    form = ContactForm(instance=Contact(village=cast.besani))
    for name in ("phone", "whatsapp", "email"):
        assert "kantor" in form.fields[name].help_text
        assert not form.fields[name].required


def test_everyone_reads_it_and_only_who_may_is_led_to_the_form(cast, client):
    page = client.get("/desa/besani/").content.decode()
    assert "Kontak kantor belum ditulis" in page and ADDRESS not in page
    send(
        client,
        cast.operator,
        phone="0286 321234",
        whatsapp="0812 3456 7890",
        email="besani@example.id",
        hours="Senin–Jumat",
        address="Jalan raya",
    )
    page = Client().get("/desa/besani/").content.decode()
    for part in (
        'href="tel:+62286321234">0286 321234<',
        'href="https://wa.me/6281234567890" rel="noopener">0812 3456 7890<',
        'href="mailto:besani@example.id"',
        "Senin–Jumat",
        "Jalan raya",
    ):
        assert part in page
    assert ADDRESS not in page
    assert ADDRESS in client.get("/desa/besani/").content.decode()
    client.force_login(cast.camat)
    assert ADDRESS not in client.get("/desa/besani/").content.decode()


def test_each_change_leaves_a_trail(cast):
    make_contact(cast.besani, cast.operator)
    make_contact(cast.besani, cast.admin, version=1, phone="0286321235")
    last = AuditEvent.objects.filter(verb="village.contact").first()
    assert (last.by, last.target) == (cast.admin.name, "Desa Besani")
    assert (last.old["phone"], last.new["phone"]) == ("0286321234", "0286321235")


def test_who_was_slower_sees_both_also_with_the_very_first(cast, client):
    make_contact(cast.besani, cast.head, address="Kata kades")
    response = send(client, cast.operator, address="Kata operator")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Kata kades" in page and "Kata operator" in page and "Kades Besani" in page
    assert send(client, cast.operator, version=1, address="Kata operator").url
    assert Contact.objects.get().address == "Kata operator"


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM villages_contact",
        "TRUNCATE villages_contact",
        "UPDATE villages_contact SET phone = 'Pak Lurah'",
        "UPDATE villages_contact SET whatsapp = '+62812345678'",
        "ALTER TABLE villages_contact DISABLE TRIGGER ALL",
    ],
)
def test_the_web_role_is_refused(cast, as_web_role, attack):
    make_contact(cast.besani, cast.operator)
    with pytest.raises(DatabaseError), transaction.atomic(), as_web_role() as cursor:
        cursor.execute(attack)


def test_the_web_role_can_do_what_the_page_does(cast, as_web_role):
    with as_web_role():
        make_contact(cast.besani, cast.operator)
        make_contact(cast.besani, cast.head, version=1, address="Lain")


@pytest.mark.django_db(transaction=True)
def test_of_two_first_contacts_at_once_one_is_told_of_the_other(cast):
    def write(village, by, barrier, results):
        connection.ensure_connection()
        barrier.wait()
        try:
            make_contact(village, by)
            results.append("done")
        except Stale:
            results.append("stale")
        finally:
            connection.close()

    for village in (cast.besani, cast.timbang, cast.leksono):
        barrier, results = Barrier(2), []
        by = (cast.admin, cast.admin)
        threads = [
            Thread(target=write, args=(village, who, barrier, results)) for who in by
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["done", "stale"]

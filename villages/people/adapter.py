import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from leksono_portal.kit import held
from leksono_portal.kit.language import in_indonesian
from villages.people import passwords

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """allauth's own sign-up stays closed; ours is `views.sign_up`."""
        return False

    def pre_authenticate(self, request, **credentials):
        super().pre_authenticate(request, **credentials)
        passwords.refuse_demo_password(credentials.get("password"))

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        if user and user.password_has_ended:
            raise ValidationError(passwords.ENDED)
        return user

    def clean_password(self, password, user=None):
        passwords.refuse_demo_password(password)
        passwords.refuse_the_one_time(password, user)
        return super().clean_password(password, user)

    @in_indonesian()
    def render_mail(self, *args, **kwargs):
        """Letters are in the language of the portal, whoever reads the page."""
        return super().render_mail(*args, **kwargs)

    def send_mail(self, template_prefix, email, context):
        """A mail server that is dead costs the letter, not what was done; the reader is
        told. Its words stay out of the log, for they often repeat the address."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's are OSError too
            logger.error("%s not sent: %s", template_prefix, type(error).__name__)
            messages.warning(
                allauth_context.request,
                _(
                    "Surat ke surel itu belum terkirim, karena server surat tidak "
                    "menjawab. Mintalah lagi nanti."
                ),
            )

    def set_password(self, user, password):
        """What a person sets themselves is no longer for one use."""
        user.password_expires_at = None
        super().set_password(user, password)

    def get_password_change_redirect_url(self, request):
        waits = held.SESSION_KEY in request.session
        return reverse("resend" if waits else "home:work")

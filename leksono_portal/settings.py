"""One file for every machine; what differs comes from the environment (.env.example)."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from leksono_portal.kit import style

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name, default=None):
    """The value of `name`; without a default its absence stops the start."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(
            f"{name} belum diisi. Contoh isian ada di .env.example."
        )
    return value


def env_bool(name, default):
    value = env(name, default)
    if value not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} harus true atau false, bukan {value!r}.")
    return value == "true"


# Where the portal lives -------------------------------------------------------

SECRET_KEY = env("SECRET_KEY")
DEBUG = env_bool("DEBUG", "false")
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

_site = urlsplit(SITE_URL)
SECURE = _site.scheme == "https"
if not SECURE and _site.hostname not in ("127.0.0.1", "localhost"):
    raise ImproperlyConfigured(
        "SITE_URL harus https; http hanya untuk 127.0.0.1 dan localhost."
    )
ALLOWED_HOSTS = [_site.hostname]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
if SECURE:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE

# The house --------------------------------------------------------------------

INSTALLED_APPS = [
    "leksono_portal.kit",
    "villages",
    "projects",
    "forum",
    "leksono_portal.home",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "leksono_portal.home.apps.BackOfficeConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "leksono_portal.kit.middleware.WholeBody",
    "leksono_portal.kit.kept_pages.KeptPages",
    "leksono_portal.kit.middleware.Gzip",
    "django.middleware.http.ConditionalGetMiddleware",
    "leksono_portal.kit.middleware.CacheHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "leksono_portal.kit.language.ChosenLanguage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "leksono_portal.kit.middleware.BodyLimit",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "leksono_portal.kit.middleware.SignInRequired",
    "villages.people.middleware.FirstThings",
    "leksono_portal.kit.middleware.StaleToConflict",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "leksono_portal.urls"
WSGI_APPLICATION = "leksono_portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "leksono_portal.kit.templatetags.portal",
                "leksono_portal.kit.templatetags.look",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leksono_portal.home.context.portal",
            ],
        },
    }
]

# Data -------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        env("DATABASE_URL"), conn_max_age=600, conn_health_checks=True
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Rate limits must hold over all workers and over restarts.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kit_cache",
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # 2,5 MB of typed text
UPLOAD_LIMIT = 10_485_760  # 10 MB with files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # an attendance list of 84 with all its fields

# People -----------------------------------------------------------------------

AUTH_USER_MODEL = "villages.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {
        "NAME": "django.contrib.auth.password_validation."
        "UserAttributeSimilarityValidator"
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:work"
ACCOUNT_ADAPTER = "villages.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"  # a resident's, once, when they sign up
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Portal Leksono] "
ACCOUNT_SIGNUP_REDIRECT_URL = "projects:projects"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home:front"
# Five wrong passwords close a name for five minutes. The limits of an address are far
# wider: a whole office, or a whole village, comes from one.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    "signup_tried": "60/m/ip",
    "signup": "40/h/ip,120/d/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SECURE else 0  # who serves https is before us
# true or false; not filled in: demanded unless the data are examples.
REQUIRE_MFA = env_bool("REQUIRE_MFA", "") if env("REQUIRE_MFA", "") else None
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# Browsers make passkeys for a name (localhost too), never for a number.
if not re.fullmatch(r".*:.*|(.*\.)?\d+", _site.hostname):
    MFA_SUPPORTED_TYPES += ["webauthn"]
MFA_ADAPTER = "villages.people.second_factor.Adapter"
MFA_FORMS = {
    "activate_totp": "villages.people.second_factor.ActivateForm",
    "authenticate": "villages.people.second_factor.AuthenticateForm",
    "reauthenticate": "villages.people.second_factor.ReauthenticateForm",
    "add_webauthn": "villages.people.passkeys.AddForm",
    "edit_webauthn": "villages.people.passkeys.RenameForm",
    "authenticate_webauthn": "villages.people.passkeys.AuthenticateForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # many accounts have no e-mail at all
MFA_TOTP_ISSUER = "Portal Leksono"
MFA_TOTP_TOLERANCE = 1
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "leksono_portal.kit.held.csrf_failure"

# Language, files, mail, headers -----------------------------------------------

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Jakarta"
USE_I18N = USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = BASE_DIR / "media"  # what people send; `make backup` saves it too
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "leksono_portal.kit.storage.StaticFiles"},
}
# Without a mail server, letters are written to the log.
EMAIL_HOST = env("EMAIL_HOST", "")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)
_security = env("EMAIL_SECURITY", "starttls")
if _security not in ("starttls", "tls", "none"):
    raise ImproperlyConfigured(
        f"EMAIL_SECURITY harus starttls, tls, atau none, bukan {_security!r}."
    )
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
EMAIL_PORT = int(env("EMAIL_PORT", "465" if EMAIL_USE_SSL else "587"))
EMAIL_HOST_USER = env("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env("EMAIL_PASSWORD", "")
EMAIL_TIMEOUT = 10  # seconds a silent server may keep the worker from its other work
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", None if EMAIL_HOST else "portal@localhost")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, *style.ALLOWED],
        "img-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

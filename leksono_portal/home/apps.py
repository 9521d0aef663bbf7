from django.apps import AppConfig
from django.contrib.admin import apps as admin


class HomeConfig(AppConfig):
    name = "leksono_portal.home"
    label = "home"
    default = True


class BackOfficeConfig(admin.AdminConfig):
    default_site = "leksono_portal.home.backoffice.BackOffice"
    default = False

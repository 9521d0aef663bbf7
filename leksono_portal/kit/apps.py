from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "leksono_portal.kit"
    label = "kit"
    verbose_name = "Perkakas"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KitConfig(AppConfig):
    name = "leksono_portal.kit"
    label = "kit"
    verbose_name = "Perkakas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        """Load each app's `notify`, as the back office loads each `admin`."""
        autodiscover_modules("notify")

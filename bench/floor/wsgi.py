"""What the web server loads for the floor; the settings are named from outside."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from villages.areas.urls import urlpatterns as areas
from villages.contacts.urls import urlpatterns as contacts
from villages.exchange.urls import urlpatterns as exchange
from villages.partners.urls import urlpatterns as partners

app_name = "villages"
urlpatterns = areas + contacts + exchange + partners

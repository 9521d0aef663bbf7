from villages.areas.urls import urlpatterns as areas

app_name = "villages"
urlpatterns = areas

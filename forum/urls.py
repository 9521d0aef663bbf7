from forum.amendments.urls import urlpatterns as amendments
from forum.checkin.urls import urlpatterns as checkin
from forum.followup.urls import urlpatterns as followup
from forum.meetings.urls import urlpatterns as meetings

app_name = "forum"
urlpatterns = meetings + followup + amendments + checkin

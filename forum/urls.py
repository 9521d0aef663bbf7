from forum.amendments.urls import urlpatterns as amendments
from forum.checkin.urls import urlpatterns as checkin
from forum.followup.urls import urlpatterns as followup
from forum.meetings.urls import urlpatterns as meetings
from forum.voting.urls import urlpatterns as voting

app_name = "forum"
urlpatterns = meetings + followup + amendments + checkin + voting

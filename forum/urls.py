from forum.followup.urls import urlpatterns as followup
from forum.meetings.urls import urlpatterns as meetings
from forum.voting.urls import urlpatterns as voting

app_name = "forum"
urlpatterns = meetings + followup + voting

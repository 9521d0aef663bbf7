from projects.accounts.urls import urlpatterns as accounts
from projects.funding.urls import urlpatterns as funding
from projects.pledges.urls import urlpatterns as pledges
from projects.portfolio.urls import urlpatterns as portfolio
from projects.responses.urls import urlpatterns as responses
from projects.sources.urls import urlpatterns as sources

app_name = "projects"
urlpatterns = [
    *portfolio,
    *responses,
    *sources,
    *funding,
    *accounts,
    *pledges,
]

from django.db import models


class Row(models.Model):
    """A project, of which the floor knows but four columns."""

    title = models.CharField(max_length=160)
    place = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()
    purpose = models.TextField()

    class Meta:
        managed = False
        db_table = "projects_project"

    def __str__(self):
        return self.title

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("repos", "0001_initial")]
    operations = [migrations.RenameField("fetchoutcome", "sentence", "message")]

"""The part of Kaggle's API that its own command needs to take part here.

``KAGGLE_API_ENVIRONMENT=LOCALHOST`` with ``http_proxy`` at this server points the
command at this door. A submission is a zip of a model's folder, or a text that names a
commit; its files become a commit of the caller's repository of the competition's name.
"""

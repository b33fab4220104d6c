"""A database with one person in it; prints her token. A program of its own."""

import django

django.setup()

from accounts.services import issue_token, sign_up


def main() -> None:
    """Sign alice up and print a token of hers."""
    alice = sign_up(
        handle="alice", email="alice@example.org", password="correct horse battery"
    )
    print(issue_token(user=alice, name="faults")[1])


if __name__ == "__main__":
    main()

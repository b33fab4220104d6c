"""Addresses of pages."""

from django.urls import path

from web.views import (
    accounts,
    challenges,
    competitions,
    downloads,
    economics,
    income,
    landing,
    licences,
    models,
    pools,
    sponsoring,
    submissions,
    terms,
    verifying,
    wallet,
    withdrawing,
)

ONE = "competitions/<slug:slug>"
ENTRY = "submissions/<uuid:submission_id>"
MODEL = "models/<str:owner>/<str:name>"

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("signup", accounts.sign_up, name="signup"),
    path("login", accounts.log_in, name="login"),
    path("logout", accounts.log_out, name="logout"),
    path("tokens", accounts.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke", accounts.revoke_token, name="token-revoke"),
    path("competitions", competitions.competition_list, name="competitions"),
    path("new-competition", sponsoring.create, name="competition-new"),
    path("new-competition/prizes", sponsoring.try_prizes, name="prize-trial"),
    path("new-competition/estimate", economics.estimate, name="competition-estimate"),
    path(ONE, competitions.overview, name="competition"),
    path(f"{ONE}/costs", economics.costs, name="competition-costs"),
    path(f"{ONE}/data", competitions.data, name="competition-data"),
    path(
        f"{ONE}/files/<path:path>", downloads.competition_file, name="competition-file"
    ),
    path(
        f"{ONE}/leaderboard", competitions.leaderboard, name="competition-leaderboard"
    ),
    path(
        f"{ONE}/submissions",
        competitions.my_submissions,
        name="competition-submissions",
    ),
    path(f"{ONE}/power", competitions.power, name="competition-power"),
    path(f"{ONE}/stakes", competitions.stakes, name="competition-stakes"),
    path(f"{ONE}/history", competitions.history, name="competition-history"),
    path(f"{ONE}/stake", sponsoring.stake, name="competition-stake"),
    path(
        f"{ONE}/stakes/<uuid:stake_id>/withdraw",
        withdrawing.withdraw,
        name="stake-withdraw",
    ),
    path(f"{ONE}/open", sponsoring.open_competition, name="competition-open"),
    path(f"{ONE}/deadline", sponsoring.move_deadline, name="competition-deadline"),
    path(f"{ONE}/cancel", sponsoring.cancel, name="competition-cancel"),
    path(f"{ONE}/challenges", challenges.challenges, name="competition-challenges"),
    path(f"{ONE}/accept", challenges.accept_rules, name="competition-accept"),
    path(f"{ENTRY}/challenge", challenges.raise_challenge, name="submission-challenge"),
    path(f"{ENTRY}/disqualify", challenges.disqualify, name="submission-disqualify"),
    path("challenges", challenges.undecided, name="undecided"),
    path("challenges/<uuid:challenge_id>", challenges.challenge, name="challenge"),
    path(
        "challenges/<uuid:challenge_id>/decide",
        challenges.decide,
        name="challenge-decide",
    ),
    path(ENTRY, submissions.submission, name="submission"),
    path("pools", pools.pool_list, name="pools"),
    path("new-pool", pools.open_pool, name="pool-new"),
    path("pools/<uuid:pool_id>", pools.pool, name="pool"),
    path("pools/<uuid:pool_id>/fund", pools.fund, name="pool-fund"),
    path("pools/<uuid:pool_id>/close", pools.close, name="pool-close"),
    path("models", models.model_list, name="models"),
    path("flags", models.flags, name="flags"),
    path(MODEL, models.model, name="model"),
    path(f"{MODEL}/children", models.children, name="model-children"),
    path(f"{MODEL}/README.md", downloads.model_card, name="model-card"),
    path(f"{MODEL}/bom.cdx.json", downloads.model_bom, name="model-bom"),
    path(f"{MODEL}/quote", models.ask_quote, name="model-quote"),
    path(f"{MODEL}/shares", income.model_shares, name="model-shares"),
    path(f"{MODEL}/files/<path:path>", downloads.model_file, name="model-file"),
    path("quotes/<uuid:quote_id>", licences.quote, name="quote"),
    path("licences/<uuid:licence_id>", licences.licence, name="licence"),
    path(
        "licences/<uuid:licence_id>/certificate.json",
        licences.certificate,
        name="licence-certificate",
    ),
    path("terms", terms.terms, name="terms"),
    path(
        "licences/<uuid:licence_id>/files/<str:form>",
        licences.certificate,
        name="licence-file",
    ),
    path("licences/<uuid:licence_id>/cancel", licences.cancel, name="licence-cancel"),
    path(
        "licences/<uuid:licence_id>/close-meter",
        licences.close_meter,
        name="licence-close-meter",
    ),
    path("licences/<uuid:licence_id>/refund", licences.refund, name="licence-refund"),
    path(
        "licences/<uuid:licence_id>/revenue", licences.revenue, name="licence-revenue"
    ),
    path("invoices/<str:invoice>", licences.invoice, name="invoice"),
    path("verify", verifying.verify, name="verify"),
    path(
        "verify/<uuid:licence_id>", verifying.licence_standing, name="licence-standing"
    ),
    path("payments/<uuid:payment_id>", verifying.payment, name="payment"),
    path("wallet", wallet.wallet, name="wallet"),
    path("wallet/royalties", income.received_royalties, name="wallet-royalties"),
    path("wallet/royalties.<str:ending>", income.export, name="wallet-export"),
    path("wallet/withdrawals", income.withdrawals, name="wallet-withdrawals"),
    path("wallet/shares", income.shares, name="wallet-shares"),
    path(
        "wallet/shares/<uuid:offer_id>/<str:verb>",
        income.decide_share,
        name="share-decide",
    ),
    path("staff/withdrawals", income.decide_withdrawals, name="staff-withdrawals"),
    path("wallet/deposits", wallet.deposits, name="wallet-deposits"),
    path("wallet/statement.<str:form>", wallet.statement_file, name="wallet-file"),
    path("wallet/licences", wallet.licences, name="wallet-licences"),
]

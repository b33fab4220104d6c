"""The sentences in simplified Chinese."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CHINESE: Final[Mapping[str, str]] = MappingProxyType(
    {
        # What a right lets one do, on which condition.
        "may.Derivation": "您可以修改该作品并在其基础上创作",
        "may.Commercial-Use": "您可以将该作品用于商业用途",
        "may.Data-Model-Training": "您可以用该作品训练模型",
        "may-not.Derivation": "您不得修改该作品或在其基础上创作",
        "may-not.Commercial-Use": "您不得将该作品用于商业用途",
        "may-not.Data-Model-Training": "您不得用该作品训练模型",
        "on.noncommercial": "，但仅限非商业目的",
        "on.allowed": "，无需付费",
        "on.credit": "，无需付费，但须署名作者",
        "on.indication": "，无需付费，但须注明所作的修改",
        "on.passthrough": "，无需付费，但您的成果须采用相同的许可证",
        "on.fee": "，费用为 {price}",
        "on.revenue-share": "，须支付由此所得收入的 {share} %",
        "with.allowed": "",
        "with.credit": "，但须署名作者",
        "price.one-time": "{amount} {currency}（一次性支付）",
        "price.monthly": "{amount} {currency}（按月支付）",
        "stop": "{clause}。",
        # The terms as a whole.
        "whole.version": "该作品采用 Universal Data License（通用数据许可证）{version}。",
        "whole.unknown": "没有指明本平台所知的许可证，因此未授予任何权利。",
        "access.free": "任何人都可以免费复制、展示和公开该作品。",
        "access.fee": "您可以复制和展示该作品，费用为 {price}。",
        "access.closed": "访问受到限制，且未指明可以开放访问的费用。",
        "licence-fee": "商业使用的费用为 {price}。",
        "unknown.excluded": "目前尚不为人知的使用方式不包括在内。",
        "years.one": "一年",
        "years.many": "{count} 年",
        "expiry": "这些条款在授予后满 {years} 时终止。",
        "window.After": "自条款授予后满 {years} 起：{clause}。",
        "window.Before": "在条款授予后满 {years} 之前：{clause}。",
        "pay.to": "款项支付给 {payee}。",
        "pay.signer": "发布该作品的人",
        "pay.random": "按持有量随机抽取一名持有人收款。",
        "pay.global": "所有持有人按其持有比例收款。",
        # Why a use is allowed or not; each names the tag that it comes from.
        "what.Derivation": "衍生创作",
        "what.Commercial-Use": "商业使用",
        "what.Data-Model-Training": "用该作品训练模型",
        "why.granted": "{said} 允许{what}{condition}。",
        "why.denied": "{said} 不允许{what}。",
        "why.not-granted": "未授予 {tag}，因此不允许{what}。",
        "why.default": "没有 {tag} 标签时，允许{what}{condition}。",
        "why.noncommercial": "{tag} 仅为非商业目的而授予。",
        "why.licence-fee": "{said}：商业使用的费用为 {price}。",
        "why.licensor": "这些条款约束他人：授予条款者本人无需许可。",
        "why.no-licence": "License 标签没有指明本平台所知的许可证，因此未授予任何权利。",
        "why.not-begun": "条款自 {day} 起生效。",
        "why.ended": "{said}：条款已于 {day} 终止。",
        "why.day-of-end": "{said}：条款在若干年后终止：请说明日期以及条款开始的日期。",
        "why.day-of-window": "{tag} 取决于日期：请说明日期以及条款开始的日期。",
        "why.windows-disagree": "{tag} 有两个时间窗口在这一天互相矛盾。",
        "why.access-free": "License：任何人都可以复制、展示和公开该作品。",
        "why.access-fee": "{said}：访问的费用为 {price}。",
        "why.access-closed": "Access = Restricted，且没有 Access-Fee 可以开放访问。",
        "why.distribution": (
            "License：任何人都可以复制、展示和公开该作品；它不授予发行权，"
            "也没有标签可以授予。"
        ),
        "why.unknown-included": (
            "Unknown-Usage-Rights 没有排除任何内容，因此在法律允许的范围内，"
            "授予条款时尚不为人知的使用方式包括在内。"
        ),
        "why.unknown-excluded": (
            "Unknown-Usage-Rights = Excluded：授予条款时尚不为人知的使用方式"
            "不包括在内。"
        ),
        "why.shares-over": "Derivation 与 Commercial-Use 合计要求的收入份额超过 100 %。",
        # Duties, as requests.
        "duty.credit": "请署名作者。",
        "duty.indicate-changes": "请注明所作的修改。",
        "duty.same-licence": "您的成果须采用相同的许可证。",
        "duty.noncommercial-only": "仅可用于非商业目的。",
        # Answers.
        "verdict.allowed": "允许",
        "verdict.allowed-with": "有条件允许",
        "verdict.denied": "不允许",
        "use.access": "访问该作品",
        "use.distribution": "转交给他人",
        "use.commercial": "用于商业用途",
        "use.derivation": "非商业性衍生创作",
        "use.commercial-derivation": "商业性衍生创作",
        "use.training": "用该作品训练模型",
        "use.unknown": "以前所未知的方式使用",
        # What a reader says about tags, when it is not said in more detail.
        "read.misspelt": "{tag} 不是许可标签，但与某个标签相近；不据此授予任何权利。",
        "read.too_many_tags": "标签过多，因此全部不予采用。",
        "read.too_many_windows": "时间窗口过多。",
        "read.denied_elsewhere": "{tag} 不允许训练，因此不授予训练权。",
        "read.not_a_licence_tag": "{tag} 不是许可标签，没有效力。",
        "read.duplicate": "{tag} 以不同的大小写出现了两次。",
        "read.conflict": "{tag} 以两种互相矛盾的写法出现。",
        "read.two_spellings": "{tag} 以两种一致的写法出现。",
        "read.window_as_value": "{tag} 的值是时间窗口，而时间窗口应写在标签名中。",
        "read.value": "{tag} 的值不符合语法。",
        "read.amount": "{tag} 的金额不可能成立。",
        "read.dialect": "{tag} 理解为 {understood}。",
        "read.licence_missing": "没有 License 标签，因此未授予任何许可。",
        "read.licence_unknown": "License 标签指明的许可证不是 UDL。",
        "read.not_in_version": "UDL 0.1 中没有 {tag}，因此不予授予。",
        "read.fee_twice": "{tag} 重复了 Commercial-Use 的费用；只需支付一次。",
        "read.two_fees": "Commercial-Use 已有自己的费用，而 {tag} 指明了另一项费用。",
        "read.older_tag": "{tag} 属于 UDL 0.1；商业使用时须支付。",
        "read.fee_without_use": "{tag} 不产生任何许可：Commercial-Use 不被允许。",
        "read.newer_value": "{tag} 使用了 UDL 0.2 的值；按其字面理解。",
        "read.credit_elsewhere": "{tag} 要求署名，因此须署名。",
        "read.elsewhere": "{tag} 与许可标签不一致；它所限制的权利已关闭。",
        # Presets.
        "preset.open.title": "开放使用",
        "preset.open.summary": "一切免费：使用、销售、修改和训练。",
        "preset.open.clause": (
            "任何人均可免费且不附其他条件地使用该作品（包括商业使用）、修改该作品、"
            "在其基础上创作以及用其训练模型。"
        ),
        "preset.credit.title": "署名共享",
        "preset.credit.summary": "只要署名作者，一切免费。",
        "preset.credit.clause": (
            "任何人在署名作者的前提下，均可免费将该作品用于商业用途并在其基础上创作；"
            "用其训练模型免费且不附条件。"
        ),
        "preset.share-alike.title": "相同方式共享并分享收入",
        "preset.share-alike.summary": (
            "衍生作品须采用相同的许可证；商业使用须支付其收入的 {share} %。"
        ),
        "preset.share-alike.clause": (
            "任何人均可修改该作品并在其基础上创作，但成果须采用本许可证；"
            "商业使用者须支付由此所得收入的 {share} %；"
            "用其训练模型以及尚不为人知的使用方式均予保留。"
        ),
        "preset.paid-commercial.title": "付费商业使用",
        "preset.paid-commercial.summary": "署名后可免费修改；商业使用的费用为 {price}。",
        "preset.paid-commercial.clause": (
            "任何人在署名作者的前提下，均可修改该作品并在其基础上创作；"
            "每位被许可人支付 {price} 后可进行商业使用；"
            "用其训练模型以及尚不为人知的使用方式均予保留。"
        ),
        "preset.research-only.title": "仅供研究",
        "preset.research-only.summary": "仅限非商业性衍生创作：不得商业使用，不得训练。",
        "preset.research-only.clause": (
            "任何人仅可为非商业目的修改该作品并在其基础上创作；"
            "商业使用、用其训练模型以及尚不为人知的使用方式均予保留。"
        ),
    }
)

//! A request that proxies refuse
//!
//! # What it finds
//! The selectors of a federation job make a request line of more than 8 KiB.
//!
//! # Why it matters
//! Prometheus takes it, but proxies and balancers in between often do not: NGINX answers `414 Request-URI Too Large`
//! beyond 8 KiB as it is by default, Amazon's application balancers beyond 16 KiB. All selectors of the job go into
//! one URL, percent-encoded: each quote, brace and comma takes three bytes, and each character beyond ASCII more.
//!
//! # Example
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]':
//!         - "{shop=~\"\
//!           北海道北店|北海道南店|北海道東店|北海道西店|北海道中央店|青森北店|青森南店|青森東店|青森西店|青森中央店|岩手北店|\
//!           岩手南店|岩手東店|岩手西店|岩手中央店|宮城北店|宮城南店|宮城東店|宮城西店|宮城中央店|秋田北店|秋田南店|秋田東店|\
//!           秋田西店|秋田中央店|山形北店|山形南店|山形東店|山形西店|山形中央店|福島北店|福島南店|福島東店|福島西店|福島中央店|\
//!           茨城北店|茨城南店|茨城東店|茨城西店|茨城中央店|栃木北店|栃木南店|栃木東店|栃木西店|栃木中央店|群馬北店|群馬南店|\
//!           群馬東店|群馬西店|群馬中央店|埼玉北店|埼玉南店|埼玉東店|埼玉西店|埼玉中央店|千葉北店|千葉南店|千葉東店|千葉西店|\
//!           千葉中央店|東京北店|東京南店|東京東店|東京西店|東京中央店|神奈川北店|神奈川南店|神奈川東店|神奈川西店|神奈川中央店|\
//!           新潟北店|新潟南店|新潟東店|新潟西店|新潟中央店|富山北店|富山南店|富山東店|富山西店|富山中央店|石川北店|石川南店|\
//!           石川東店|石川西店|石川中央店|福井北店|福井南店|福井東店|福井西店|福井中央店|山梨北店|山梨南店|山梨東店|山梨西店|\
//!           山梨中央店|長野北店|長野南店|長野東店|長野西店|長野中央店|岐阜北店|岐阜南店|岐阜東店|岐阜西店|岐阜中央店|静岡北店|\
//!           静岡南店|静岡東店|静岡西店|静岡中央店|愛知北店|愛知南店|愛知東店|愛知西店|愛知中央店|三重北店|三重南店|三重東店|\
//!           三重西店|三重中央店|滋賀北店|滋賀南店|滋賀東店|滋賀西店|滋賀中央店|京都北店|京都南店|京都東店|京都西店|京都中央店|\
//!           大阪北店|大阪南店|大阪東店|大阪西店|大阪中央店|兵庫北店|兵庫南店|兵庫東店|兵庫西店|兵庫中央店|奈良北店|奈良南店|\
//!           奈良東店|奈良西店|奈良中央店|和歌山北店|和歌山南店|和歌山東店|和歌山西店|和歌山中央店|鳥取北店|鳥取南店|鳥取東店|\
//!           鳥取西店|鳥取中央店|島根北店|島根南店|島根東店|島根西店|島根中央店|岡山北店|岡山南店|岡山東店|岡山西店|岡山中央店|\
//!           広島北店|広島南店|広島東店|広島西店|広島中央店|山口北店|山口南店|山口東店|山口西店|山口中央店|徳島北店|徳島南店|\
//!           徳島東店|徳島西店|徳島中央店|香川北店|香川南店|香川東店|香川西店|香川中央店|愛媛北店|愛媛南店|愛媛東店|愛媛西店|\
//!           愛媛中央店|高知北店|高知南店|高知東店|高知西店|高知中央店|福岡北店|福岡南店|福岡東店|福岡西店|福岡中央店|佐賀北店|\
//!           佐賀南店|佐賀東店|佐賀西店|佐賀中央店|長崎北店|長崎南店|長崎東店|長崎西店|長崎中央店|熊本北店|熊本南店|熊本東店|\
//!           熊本西店|熊本中央店|大分北店|大分南店|大分東店|大分西店|大分中央店|宮崎北店|宮崎南店|宮崎東店|宮崎西店|宮崎中央店|\
//!           鹿児島北店|鹿児島南店|鹿児島東店|鹿児島西店|鹿児島中央店|沖縄北店|沖縄南店|沖縄東店|沖縄西店|沖縄中央店\
//!           \"}"
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Instead
//! Select by what the series have in common, or record them under names of one form; or make two jobs of one.
//! ```yaml
//! # global.yml
//! scrape_configs:
//!   - job_name: federate
//!     honor_labels: true
//!     metrics_path: /federate
//!     params:
//!       'match[]': ['{shop=~".+店",job="till"}']
//!     static_configs:
//!       - targets: ['leaf:9090']
//! # leaf.yml
//! scrape_configs:
//!   - job_name: shop
//! ```
//!
//! # Source
//! scrape/target.go, `URL`; NGINX, `large_client_header_buffers`; AWS, Quotas for your Application Load Balancers

use super::FederationJob;
use crate::diagnostic::{Code, Diagnostic};
use crate::federation::{Peer, Pull};
use crate::lint::Found;
use crate::workspace::MATCH;

const CODE: Code = Code::new("federation/long-request");

/// The longest request line that NGINX takes by default, in bytes.
const LONGEST: usize = 8 << 10;

pub(super) fn check(job: &FederationJob<'_>, found: &mut Found) {
    let longest =
        job.pulls.iter().map(|&(pull, _)| (request_line(job, pull), pull)).max_by_key(|(len, _)| *len);
    let Some((len, pull)) = longest.filter(|(len, _)| *len > LONGEST) else { return };
    let params = &job.config.source.params;
    let place = params.iter().find(|param| param.name.value == MATCH).map(|param| param.name.span);
    let message =
        format!("the selectors of job `{}` make a request line of {len} bytes", job.config.job_name);
    let span = place.unwrap_or(job.config.source.name_span());
    let balanced = matches!(pull.peer, Peer::Balancer(_));
    let diagnostic = if balanced {
        Diagnostic::warning(CODE, span, message)
            .because("balancers refuse such: NGINX answers 414 beyond 8 KiB by default, others beyond 16 KiB")
    } else {
        Diagnostic::info(CODE, span, message)
            .because("Prometheus takes it, but a proxy in between may not: NGINX answers 414 beyond 8 KiB by default, others beyond 16 KiB")
    };
    found.push((
        job.file,
        diagnostic.help("select by what the series have in common, or make two jobs of one"),
    ));
}

/// The bytes of a pull's request line: `GET /federate?match%5B%5D=… HTTP/1.1`.
fn request_line(job: &FederationJob<'_>, pull: &Pull) -> usize {
    let param = |name: &str, value: &str| encoded(name) + encoded(value) + 2;
    let selectors = pull.selectors.iter().map(|selector| param(MATCH, &selector.text));
    let others = job.config.source.params.iter().filter(|other| other.name.value != MATCH);
    let others =
        others.flat_map(|other| other.values.iter().map(|value| param(&other.name.value, &value.value)));
    "GET  HTTP/1.1".len() + pull.path.len() + selectors.chain(others).sum::<usize>()
}

/// The bytes of a text in a query, as Go's `QueryEscape` writes it.
fn encoded(text: &str) -> usize {
    let len = |byte: u8| if byte.is_ascii_alphanumeric() || b"-_.~ ".contains(&byte) { 1 } else { 3 };
    text.bytes().map(len).sum()
}

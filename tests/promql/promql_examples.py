"""Expressions that several tests share. All of VALID are accepted by Prometheus 2.42 and newer."""

VALID = (
    r"""
up
1
-1
+ 1
1e3
1e-3
.5
0x1F
017
08
07777777777777777777777
Inf
-inf
NaN
"text"
'it''s'
time()
pi() * 2
vector(1)
scalar(up)
sum
by
by{by="by"}
offset offset 5m
start
end
and and and
:name:with:colons
job:errors:rate5m
up{}
up{job="a"}
up{job="a",}
up{job='a', instance!="b", x=~"c.*", y!~"d|e"}
up { job = "a" } [ 5m ] offset 1h
{__name__="up"}
{__name__=~"up|down"}
{job!=""}
{job=~".+"}
{by="x", on="y", inf="z"}
up{job="\"quoted\" \\ \n \t \x41 \101 é \U0001F600"}
up{job=`raw \d " '`}
up{job='single " \' quote'}
up{path=~"/api/v[0-9]+/(chat|completions)", code=~"5.."}
up{x=~"\\d+\\.\\d{2,3}"}
up{x=~"(?i:abc)|[[:alpha:]]+|[^a-z\\]]"}
up{x=~"a{1001"}
up{x=~"a{,3}"}
up{x=~"\\Qa.b\\E"}
up{x=~"[a-zA-Z0-9-_.]+", y=~"[\\w-.]", z=~"[a-c-e]"}
up{x=~"a(?i)*|(?)b"}
up offset 5m
up offset -5m
up @ 1609746000
up @ -1.5
up @ start()
up @ end() offset 1h
up offset 1h @ 3
up[5m] @ 3 offset 1m
rate(up[5m])
rate(up[1h30m])
rate(up[5m] offset 1w)
rate(up[1y2w3d4h5m6s7ms])
max_over_time(rate(up[5m])[1h:1m])
max_over_time(rate(up[5m])[1h:])
max_over_time(up[1h:1m] offset 5m)
max_over_time((up > 0)[1h:1m] @ end())
sum(up)
SUM(up)
Sum By (Job) (up)
sum by (job) (up)
sum by (job,) (up)
sum by () (up)
sum(up) by (job, instance)
sum without (instance) (up)
count without () (up)
topk(5, up)
topk by (job) (scalar(up), up)
quantile(0.9, up)
count_values("version", build_info)
count_values by (job) ("version", build_info)
group by (on, bool, sum, start) (up)
avg(up) without (pod)
stddev(up) + stdvar(up)
bottomk(1, up)
up + 1
1 + up
1 + 1
1 == bool 1
up == 1
up == bool 1
up > bool up
up + on (job) up
up + on () up
up + ignoring (instance) up
up * on (job) group_left (version) build_info
up * on (job) group_left build_info
up * on (job) group_left () build_info
build_info * on (job) group_right (version) up
up * ignoring (pod) group_left (version,) build_info
up > bool on (job) group_left up
up and up
up and on (job) up
up or ignoring (pod) up
up unless on () up
up and ignoring () up
-up
--up
-up ^ 2
-1 ^ 2
2 ^ -1
2 ^ 3 ^ 2
(2 ^ 3) ^ 2
2 ^ -1 ^ 2
a + b * c - d / e % f
(a + b) * (c - d)
a - (b - c)
a / b / c
a / (b / c)
a or b and c unless d
a > b > c
a atan2 b
a == b + c
- (a + b)
-a * b
1 + on () 2
1 + on () group_left (x) up
abs(up)
ceil(floor(round(up, 5)))
round(up)
clamp(up, 0, 1)
clamp_max(up, 1) + clamp_min(up, 0)
label_replace(up, "a", "$1", "b", "(.*)")
label_join(up, "a", ",", "b", "c", "d")
label_join(up, "a", ",")
histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))
histogram_count(x) + histogram_sum(x) + histogram_fraction(0, 1, x)
quantile_over_time(0.5, up[1h])
predict_linear(disk_free[6h], 4 * 3600) < 0
holt_winters(up[5m], 0.5, 0.5)
deriv(up[5m]) + idelta(up[5m]) + irate(up[5m]) + delta(up[5m])
changes(up[5m]) + resets(up[5m])
absent(up{job="a"})
absent_over_time(up{job="a"}[5m])
present_over_time(up[5m]) + last_over_time(up[5m])
hour() >= 9 and hour() < 17
day_of_week(vector(time())) == bool 1
days_in_month() + month() + year() + minute() + day_of_year()
timestamp(up) - time()
sort_desc(sort(up))
sgn(sin(up)) + deg(acosh(up))
time() > bool 5
scalar(sum(up)) > bool scalar(sum(up))
sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) * 100
llm_cost_tracker_budget_used / llm_cost_tracker_budget_limit > 0.9 and on (team) llm_cost_tracker_enabled == 1
vllm:num_requests_waiting{model_name="llama"} > 200
increase(llm_cost_tracker_total_cost_usd[24h])
sum by (model) (rate(vllm:e2e_request_latency_seconds_bucket{le="2.5"}[5m]))
1 - (sum by (model) (rate(a_total{ok="false"}[1h])) / sum by (model) (rate(a_total[1h]))) < 14.4 * 0.001
absent(up{job="vllm"} == 1)
(up)
((up))
sum((up))
up{job="#"} + 1
up == -1
-(1)
a + -b
a - -b
a*-1
a^-1*2
sum(up)[5m:]
avg_over_time(sum(up)[5m:] offset 1h)
rate(a{b="c"}[5m])/rate(d[5m])
a%b
a<b
a<=b
a!=b
a!=bool b
up{a=~""} or up{b=~".*"}
foo @ start()[5m]
1.
1.e2
min_over_time(sum(rate(foo[5m]))[30m:1m]) > 3
""".strip()
    .replace("'it''s'", r"'it\'s'")
    .split("\n")
)

# Expressions over several lines, which the list above cannot hold.
VALID += [
    "# a comment\nup # another ) } ]\n  + 1",
    'up{ # why\n job="a", # so\n}',
    "sum by (job, # comment\n instance) (up)",
    "sum by (\n  job\n) (\n  up\n)\r\n",
    "rate(up[5m]) #\n",
]

INVALID = r"""
foo[
foo[5m
foo]
foo}
foo{
foo)
(foo
sum(foo
rate(foo)
rate(foo[5m]
rate(foo, 1)
rate()
rate(foo[5m],)
sum by (a (b)
sum by (a,,b) (c)
sum by (,) (c)
sum by (1) (foo)
sum by ("a") (foo)
sum by (a:b) (foo)
sum by (inf) (foo)
sum by foo
sum by (a) (b) by (c)
sum(foo) by
sum(foo) by (
sum foo
sum(a, b)
sum()
sum(1)
sum("a")
sum(foo[5m])
topk(foo)
topk("a", foo)
topk(foo, foo)
topk(1, 2)
topk(1, foo, bar)
count_values(a, foo)
count_values(1, foo)
1 > 2
1 == 2
time() > 5
foo and 1
1 or foo
1 unless 2
foo{a=~"("}
foo{a=~")"}
foo{a=~"*"}
foo{a=~"a**"}
foo{a=~"(?i)*"}
foo{a=~"[a--b]"}
foo{a=~"a{1001}"}
foo{a=~"a{3,2}"}
foo{a=~"[b-a]"}
foo{a=~"[a"}
foo{a=~"(?=x)"}
foo{a=~"(?!x)"}
foo{a=~"(?<x>y)"}
foo{a=~"(a)\\1"}
foo{a=~"a++"}
foo{a=~"\\y"}
foo{a=~"\\"}
foo{a!~"(?P<x"}
{}
{a=""}
{a=~".*"}
{a!="x"}
{a!~".+"}
{a=~"a?"}
{,}
foo{a="b",,c="d"}
foo{a="b" c="d"}
foo{a}
foo{a=}
foo{a=b}
foo{a="b"
foo{a=="b"}
foo{a="b"} }
foo{:a="b"}
foo{1a="b"}
foo{"a"="b"}
{"foo"}
foo{a="\d"}
foo{a="\x1"}
foo{a="\400"}
foo{a="\ud800"}
foo{a='\"'}
foo{__name__="x"}
foo{a="b}
"a
'a
`a
"a" + 1
foo "x"
foo bar
foo 1
1 foo
foo.bar
foo[5m] offset 5m offset 5m
foo offset 5m offset 5m
foo offset 5m [5m]
foo @ 3 [5m]
foo @ 3 @ 4
foo @ bar
foo @ start
foo @ start(1)
foo @ end
foo @ inf
foo @
foo offset
foo offset 5
foo offset 0s
foo offset bar
(foo) offset 5m
(foo) @ 3
1 offset 5m
sum(foo) offset 5m
foo + bar offset
rate(foo[0m])
foo[5]
foo[5x]
foo[5]
foo[1s1m]
foo[5m5m]
foo[5hs]
foo[1.5m]
foo[]
foo[:]
foo[5m:0s]
foo[5m:1]
foo[5m:1m:1m]
foo[:1m]
foo[-5m]
foo[5m-1m]
foo[5m*2]
foo[99999999999y]
(foo)[5m]
sum(foo)[5m]
foo[5m][5m]
foo[5m:][5m]
foo[5m][5m:]
foo[5m][5m:1m]
1[5m]
1[5m:]
"a"[5m:]
foo[5m] + 1
1 + foo[5m]
foo[5m] + foo[5m]
-foo[5m]
-"x"
+foo[5m]
foo > 100ms
100ms
1_000
0x
0x1g
0b1
1e
1e999
1..2
1.2.3
5m
a +
+
*
a + * b
a = b
a =~ b
a ! b
a !b
a & b
a == == b
a + bool b
a and bool b
a == bool
a + on b
a + on (x)
a + on (x) group_left
a + on (x) group_left(x) b
a + group_left b
a + group_left (x) b
a + on (x) ignoring (y) b
a + on (x) bool b
a on (x) b
a and on (x) group_left b
a or ignoring (x) group_right (y) b
1 + on (x) foo
1 + on (x) 2
foo + ignoring (x) 1
nosuch(foo)
Rate(foo[5m])
foo:bar(x)
abs()
abs(1)
abs(foo, foo)
abs(foo[5m])
round(a, b)
round(a, 1, 2)
clamp(foo, 1)
scalar("a")
scalar(1)
vector(foo)
vector("a")
time(1)
pi(1)
hour(1)
hour(foo, foo)
label_replace(a, b, c, d, e)
label_replace(a, "b", "c", "d")
label_join(a, "b")
label_join(a, "b", "c", d)
histogram_quantile(foo, 0.9)
histogram_quantile(0.9)
quantile_over_time(foo[5m], 0.9)
predict_linear(foo[5m])
histogram_avg(foo)
histogram_stddev(foo)
mad_over_time(foo[5m])
sort_by_label(foo, "a")
info(foo)
first_over_time(foo[5m])
double_exponential_smoothing(foo[5m], 0.5, 0.5)
limitk(1, foo)
limit_ratio(0.5, foo)
bool
on
group_left
atan2
bool + 1
on{a="b"}
ignoring(x)
by (x)
and(x)
Inf(x)
é
foo é
a % % b
,
a, b
()
(,)
(a,)
(a b)
a[5m] b
5m + a
#
""".strip().split("\n")

INVALID += ["", " \n", '"a\nb"', "up{a='b\n'}", 'up{job="\ufffd"}', "# only a comment", "0" + "1" * 400]

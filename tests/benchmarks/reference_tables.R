# Run the field's own tools on the inputs that reference_tables.py wrote, and write what they give beside them.
#
#   Rscript reference_tables.R FOLDER SOURCES
#
# SOURCES holds a checkout of each package (NHSRplotthedots, qicharts2, FunnelPlotR, PHEindicatormethods); their
# R files are sourced, so that only what they stand on has to be installed: dplyr, tidyr, ggplot2, scales, purrr,
# rlang, broom, assertthat, magrittr, stringr.

suppressMessages({
  library(dplyr); library(tidyr); library(ggplot2); library(rlang); library(purrr)
  library(magrittr); library(assertthat); library(broom); library(scales); library(stringr); library(tidyselect)
})
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
use <- function(package) {
  at <- file.path(arguments[2], package, "R")
  if (file.exists(file.path(at, "sysdata.rda"))) load(file.path(at, "sysdata.rda"), envir = globalenv())
  for (file in list.files(at, "[.]R$", full.names = TRUE)) sys.source(file, envir = globalenv())
}
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
keep <- function(frame, name) {
  write.csv(frame, file.path(folder, paste0(name, "_out.csv")), row.names = FALSE, na = "")
}

# --- NHSRplotthedots: XmR charts with their icons ---------------------------------------------------------

use("NHSRplotthedots")
xmr <- read("xmr")
one_xmr <- function(part) {
  part$date <- as.Date("2020-01-01") + 31 * part$place
  part$date <- as.Date(format(part$date, "%Y-%m-01"))
  made <- suppressWarnings(ptd_spc(
    part, value_field = value, date_field = date, target = part$target[1],
    improvement_direction = part$direction[1], screen_outliers = as.logical(part$screen[1])
  ))
  data.frame(
    series = part$series, place = part$place, mean = made$mean_col, lower = made$lpl, upper = made$upl,
    special = made$special_cause_type, point = made$point_type,
    assurance = ptd_calculate_assurance_type(made)$assurance_type[1]
  )
}
keep(bind_rows(lapply(split(xmr, xmr$series), one_xmr)), "xmr")

# --- qicharts2: p, p', u, u' and g charts -----------------------------------------------------------------

use("qicharts2")
attribute <- read("attribute")
one_attribute <- function(part) {
  kind <- part$chart[1]
  pdf(NULL)
  made <- if (kind == "g") {
    qic(seq_along(part$numerator), part$numerator, chart = "g")
  } else {
    qic(seq_along(part$numerator), part$numerator, part$denominator, chart = kind)
  }
  dev.off()
  data.frame(
    series = part$series, place = part$place, centre = made$data$cl, lower = made$data$lcl, upper = made$data$ucl
  )
}
keep(bind_rows(lapply(split(attribute, attribute$series), one_attribute)), "attribute")

runs <- read("runs")
one_run <- function(part) {
  pdf(NULL)
  made <- qic(part$place, part$value, chart = "run")
  dev.off()
  data.frame(
    series = part$series[1], median = made$data$cl[1], useful = made$data$n.useful[1],
    longest = made$data$longest.run[1], longest_allowed = made$data$longest.run.max[1],
    crossings = made$data$n.crossings[1], fewest_allowed = made$data$n.crossings.min[1],
    signal = made$data$runs.signal[1]
  )
}
keep(bind_rows(lapply(split(runs, runs$series), one_run)), "runs")

# --- FunnelPlotR: limits with and without over-dispersion -------------------------------------------------

use("FunnelPlotR")
# Only looks at the classes of what is drawn, with a function that older versions of ggplot2 lack.
validate_funnel_plot <- identity
units <- read("funnel")
one_funnel <- function(part) {
  kind <- part$kind[1]
  made <- suppressMessages(funnel_plot(
    part, numerator = numerator, denominator = denominator, group = unit, data_type = kind,
    draw_unadjusted = TRUE, draw_adjusted = TRUE, label = NA
  ))
  data <- made$aggregated_data
  at <- match(part$unit, as.character(data$group))
  pick <- function(name) if (name %in% names(data)) data[[name]][at] else NA_real_
  data.frame(
    series = part$series, unit = part$unit, phi = made$phi, between_variance = made$tau2,
    lower95 = pick("LCL95"), upper95 = pick("UCL95"), lower998 = pick("LCL99"), upper998 = pick("UCL99"),
    wide_lower95 = pick("OD95LCL"), wide_upper95 = pick("OD95UCL"),
    wide_lower998 = pick("OD99LCL"), wide_upper998 = pick("OD99UCL")
  )
}
keep(bind_rows(lapply(split(units, units$series), one_funnel)), "funnel")

# --- PHEindicatormethods: standardised rates and ratios, crude rates, proportions -------------------------

use("PHEindicatormethods")
ages <- read("standardised")
one_standardised <- function(part) {
  direct <- suppressWarnings(calculate_dsr(part, x = events, n = people, stdpop = standard, type = "full"))
  reference <- list(x = part$reference_events, n = part$reference_people)
  ratio <- calculate_ISRatio(part, events, people, reference$x, reference$n, refpoptype = "vector")
  rate <- calculate_ISRate(part, events, people, reference$x, reference$n, refpoptype = "vector")
  whole <- data.frame(events = sum(part$events), people = sum(part$people))
  crude <- phe_rate(whole, events, people)
  data.frame(
    series = part$series[1], direct = direct$value, direct_lower = direct$lowercl, direct_upper = direct$uppercl,
    expected = ratio$expected, ratio = ratio$value, ratio_lower = ratio$lowercl, ratio_upper = ratio$uppercl,
    indirect = rate$value, indirect_lower = rate$lowercl, indirect_upper = rate$uppercl,
    crude = crude$value, crude_lower = crude$lowercl, crude_upper = crude$uppercl
  )
}
keep(bind_rows(lapply(split(ages, ages$series), one_standardised)), "standardised")

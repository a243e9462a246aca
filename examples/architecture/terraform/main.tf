# The shop of ../sound.yaml for Terraform. plan.json is what these print:
#
#   terraform init && terraform plan -out plan.out && terraform show -json plan.out
#
# Terraform 1.11 made it with release 5.100 of the provider, which did not know TLSv1.3_2025 yet: it
# planned with TLSv1.2_2021, and that one value was set in what it printed. state.json is the same as
# `terraform show -json` prints it once it is deployed: ids, ARNs and endpoints were put in by hand,
# for nothing was deployed.
#
# The provider asks for no account: nothing is looked up. Leave its settings out to deploy.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}

variable "certificate_arn" {
  default = "arn:aws:acm:eu-central-1:111122223333:certificate/5c1f7f0e-52f1-4a7b-9d57-8f3f0c3d2a11"
}

variable "edge_certificate_arn" {
  default = "arn:aws:acm:us-east-1:111122223333:certificate/5c1f7f0e-52f1-4a7b-9d57-8f3f0c3d2a11"
}

variable "subnets" {
  default = ["subnet-0a1b2c3d", "subnet-0b1b2c3d"]
}

variable "vpc_id" {
  default = "vpc-0a1b2c3d"
}

resource "aws_cloudfront_distribution" "cdn" {
  enabled = true
  aliases = ["shop.example.com"]

  viewer_certificate {
    acm_certificate_arn      = var.edge_certificate_arn
    minimum_protocol_version = "TLSv1.3_2025"
    ssl_support_method       = "sni-only"
  }

  default_cache_behavior {
    target_origin_id           = "api"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.hsts.id
  }

  origin {
    origin_id   = "api"
    domain_name = aws_lb.alb.dns_name

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "hsts" {
  name = "hsts"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }
  }
}

resource "aws_lb" "alb" {
  name                       = "shop"
  internal                   = false
  load_balancer_type         = "application"
  subnets                    = var.subnets
  security_groups            = [aws_security_group.edge_alone.id]
  drop_invalid_header_fields = true
}

resource "aws_security_group" "edge_alone" {
  name        = "edge-alone"
  description = "In from CloudFront alone, by the list of its addresses in eu-central-1"
  vpc_id      = var.vpc_id

  ingress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = ["pl-a3a144ca"]
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.alb.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
  certificate_arn   = var.certificate_arn

  routing_http_response_strict_transport_security_header_value = "max-age=63072000; includeSubDomains; preload"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tasks.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.alb.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_target_group" "tasks" {
  name        = "tasks"
  vpc_id      = var.vpc_id
  target_type = "ip"
  port        = 8443
  protocol    = "HTTPS"

  health_check {
    protocol = "HTTPS"
  }
}

resource "aws_ecs_service" "shop" {
  name            = "shop"
  task_definition = aws_ecs_task_definition.shop.arn

  load_balancer {
    target_group_arn = aws_lb_target_group.tasks.arn
    container_name   = "shop"
    container_port   = 8443
  }
}

resource "aws_ecs_task_definition" "shop" {
  family                   = "shop"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512

  container_definitions = jsonencode([{
    name  = "shop"
    image = "shop:1"
    environment = [
      {
        name  = "DATABASE_URL"
        value = "postgres://shop@${aws_rds_cluster.database.endpoint}:5432/shop?sslmode=verify-full"
      },
      {
        name  = "ORDERS_URL"
        value = aws_sqs_queue.orders.url
      },
    ]
  }])
}

resource "aws_rds_cluster" "database" {
  cluster_identifier              = "shop"
  engine                          = "aurora-postgresql"
  engine_version                  = "16.4"
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.database.name
}

resource "aws_rds_cluster_parameter_group" "database" {
  name        = "shop"
  family      = "aurora-postgresql16"
  description = "TLS alone"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "ssl_min_protocol_version"
    value = "TLSv1.2"
  }
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  policy    = data.aws_iam_policy_document.orders.json
}

data "aws_iam_policy_document" "orders" {
  statement {
    sid       = "TlsAlone"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.orders.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_lambda_function" "ship" {
  function_name = "ship"
  runtime       = "python3.13"
  handler       = "ship.handler"
  role          = aws_iam_role.ship.arn
  s3_bucket     = "shop-code"
  s3_key        = "ship.zip"
}

resource "aws_lambda_event_source_mapping" "orders" {
  event_source_arn = aws_sqs_queue.orders.arn
  function_name    = aws_lambda_function.ship.arn
}

resource "aws_iam_role" "ship" {
  name = "ship"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "labels" {
  name = "labels"
  role = aws_iam_role.ship.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = "${aws_s3_bucket.labels.arn}/*"
    }]
  })
}

resource "aws_s3_bucket" "labels" {
  bucket = "shop-labels"
}

resource "aws_s3_bucket_policy" "labels" {
  bucket = aws_s3_bucket.labels.id
  policy = data.aws_iam_policy_document.labels.json
}

data "aws_iam_policy_document" "labels" {
  statement {
    sid       = "TlsAlone"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.labels.arn, "${aws_s3_bucket.labels.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    sid       = "Tls12"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.labels.arn, "${aws_s3_bucket.labels.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "NumericLessThan"
      variable = "s3:TlsVersion"
      values   = ["1.2"]
    }
  }
}

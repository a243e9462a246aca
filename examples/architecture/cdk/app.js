// The shop of ../sound.yaml as an app of the CDK. `npm install && npm run synth` writes cdk.out anew.

import { App, Duration, SecretValue, Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';

const app = new App({
  outdir: 'cdk.out',
  analyticsReporting: false,
  treeMetadata: false,
  // Traces would name the folders of whoever ran it.
  stackTraces: false,
  context: { 'aws:cdk:disable-creation-stack-traces': true },
});
const stack = new Stack(app, 'Shop');
const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
  vpcId: 'vpc-0a1b2c3d',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  publicSubnetIds: ['subnet-0a1b2c3d', 'subnet-0b1b2c3d'],
  privateSubnetIds: ['subnet-0c1b2c3d', 'subnet-0d1b2c3d'],
});
const certificate = acm.Certificate.fromCertificateArn(
  stack,
  'Certificate',
  'arn:aws:acm:eu-central-1:111122223333:certificate/5c1f7f0e-52f1-4a7b-9d57-8f3f0c3d2a11',
);

const orders = new sqs.Queue(stack, 'Orders', { enforceSSL: true });
const labels = new s3.Bucket(stack, 'Labels', { enforceSSL: true, minimumTLSVersion: 1.2 });

const ship = new lambda.Function(stack, 'Ship', {
  runtime: lambda.Runtime.PYTHON_3_13,
  handler: 'index.handler',
  code: lambda.Code.fromInline('def handler(event, context): pass'),
});
ship.addEventSourceMapping('Orders', { eventSourceArn: orders.queueArn });
labels.grantPut(ship);

const engine = rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_4 });
const database = new rds.DatabaseCluster(stack, 'Database', {
  engine,
  vpc,
  credentials: rds.Credentials.fromPassword('shop', SecretValue.ssmSecure('shop-database')),
  writer: rds.ClusterInstance.serverlessV2('Writer', { caCertificate: rds.CaCertificate.RDS_CA_RSA2048_G1 }),
  storageEncrypted: true,
  parameterGroup: new rds.ParameterGroup(stack, 'DatabaseParameters', {
    engine,
    description: 'TLS alone',
    parameters: { 'rds.force_ssl': '1', ssl_min_protocol_version: 'TLSv1.2' },
  }),
});

const task = new ecs.FargateTaskDefinition(stack, 'ShopTask');
task.addContainer('shop', {
  image: ecs.ContainerImage.fromRegistry('shop:1'),
  portMappings: [{ containerPort: 8443 }],
  environment: {
    DATABASE_URL: `postgres://shop@${database.clusterEndpoint.hostname}:5432/shop?sslmode=verify-full`,
    ORDERS_URL: orders.queueUrl,
  },
});
orders.grantSendMessages(task.taskRole);
const shop = new ecs.FargateService(stack, 'ShopService', {
  cluster: new ecs.Cluster(stack, 'Cluster', { vpc }),
  taskDefinition: task,
});
database.connections.allowDefaultPortFrom(shop);

const alb = new elb.ApplicationLoadBalancer(stack, 'Alb', {
  vpc,
  internetFacing: true,
  dropInvalidHeaderFields: true,
});
// In from CloudFront alone, by the list of its addresses in eu-central-1.
alb.connections.allowFrom(ec2.Peer.prefixList('pl-a3a144ca'), ec2.Port.tcp(443));
const https = alb.addListener('Https', {
  port: 443,
  open: false,
  certificates: [certificate],
  sslPolicy: elb.SslPolicy.TLS13_12_RES_PQ,
});
https.node.defaultChild.listenerAttributes = [
  {
    key: 'routing.http.response.strict_transport_security.header_value',
    value: 'max-age=63072000; includeSubDomains; preload',
  },
];
https.addTargets('Tasks', {
  port: 8443,
  protocol: elb.ApplicationProtocol.HTTPS,
  healthCheck: { protocol: elb.Protocol.HTTPS },
  targets: [shop],
});
alb.addListener('Http', {
  port: 80,
  open: false,
  defaultAction: elb.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
});

new cloudfront.Distribution(stack, 'Cdn', {
  domainNames: ['shop.example.com'],
  certificate: acm.Certificate.fromCertificateArn(
    stack,
    'EdgeCertificate',
    'arn:aws:acm:us-east-1:111122223333:certificate/5c1f7f0e-52f1-4a7b-9d57-8f3f0c3d2a11',
  ),
  minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_3_2025,
  defaultBehavior: {
    origin: new origins.LoadBalancerV2Origin(alb, {
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
    }),
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    responseHeadersPolicy: new cloudfront.ResponseHeadersPolicy(stack, 'Hsts', {
      securityHeadersBehavior: {
        strictTransportSecurity: {
          accessControlMaxAge: Duration.days(730),
          includeSubdomains: true,
          preload: true,
          override: true,
        },
      },
    }),
  },
});
app.synth();

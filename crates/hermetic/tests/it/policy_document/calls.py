"""Calls of a service by an unmodified boto3: each is told with `ok`, or the code and status of its error.

python -c … SERVICE URL KEY SECRET CALLS, where calls are joined by commas.
"""
import json
import os
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

service, url, key, secret, calls = sys.argv[1:6]
client = boto3.client(
    service,
    endpoint_url=url,
    region_name="us-east-1",
    aws_access_key_id=key,
    aws_secret_access_key=secret,
    config=Config(
        retries={"max_attempts": 0},
        s3={"addressing_style": "path"},
        signature_version="s3v4" if service == "s3" else None,
    ),
)
ACCOUNT = "123456789012"
QUEUE = f"{url}/{ACCOUNT}/orders"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:orders"
KEY = {"AttributeName": "id"}


def multipart():
    upload = client.create_multipart_upload(Bucket="shop", Key="parts")["UploadId"]
    of = {"Bucket": "shop", "Key": "parts", "UploadId": upload}
    part = client.upload_part(Body=b"x" * 5, PartNumber=1, **of)
    client.list_parts(**of)
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    return client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **of)


def presigned():
    link = client.generate_presigned_url("get_object", Params={"Bucket": "shop", "Key": "k"})
    assert urllib.request.urlopen(link).read() == b"hello"


def records():
    shard = client.list_shards(StreamName="orders")["Shards"][0]["ShardId"]
    start = client.get_shard_iterator(
        StreamName="orders", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )
    assert client.get_records(ShardIterator=start["ShardIterator"])["Records"][0]["Data"] == b"m"


CALLS = {
    "s3": {
        "create": lambda: client.create_bucket(Bucket="shop"),
        "put": lambda: client.put_object(Bucket="shop", Key="k", Body=b"hello"),
        "get": lambda: client.get_object(Bucket="shop", Key="k")["Body"].read(),
        "head": lambda: client.head_object(Bucket="shop", Key="k"),
        "list": lambda: client.list_objects_v2(Bucket="shop", Prefix="k"),
        "location": lambda: client.get_bucket_location(Bucket="shop"),
        "tag": lambda: client.put_object_tagging(
            Bucket="shop", Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
        ),
        "copy": lambda: client.copy_object(Bucket="shop", Key="copy", CopySource="shop/k"),
        "multipart": multipart,
        "presigned": presigned,
        "delete": lambda: client.delete_objects(
            Bucket="shop", Delete={"Objects": [{"Key": "copy"}, {"Key": "none"}]}
        ),
        "buckets": lambda: client.list_buckets(),
    },
    "sqs": {
        "create": lambda: client.create_queue(QueueName="orders"),
        "send": lambda: client.send_message(QueueUrl=QUEUE, MessageBody="m"),
        "batch": lambda: client.send_message_batch(
            QueueUrl=QUEUE, Entries=[{"Id": "1", "MessageBody": "m"}]
        ),
        "receive": lambda: client.receive_message(QueueUrl=QUEUE)["Messages"],
        "url": lambda: client.get_queue_url(QueueName="orders"),
    },
    "sns": {
        "create": lambda: client.create_topic(Name="orders"),
        "publish": lambda: client.publish(TopicArn=TOPIC, Message="m"),
        "batch": lambda: client.publish_batch(
            TopicArn=TOPIC, PublishBatchRequestEntries=[{"Id": "1", "Message": "m"}]
        ),
        "attributes": lambda: client.get_topic_attributes(TopicArn=TOPIC),
    },
    "dynamodb": {
        "create": lambda: client.create_table(
            TableName="orders",
            KeySchema=[{**KEY, "KeyType": "HASH"}],
            AttributeDefinitions=[{**KEY, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        ),
        "put": lambda: client.put_item(TableName="orders", Item={"id": {"S": "1"}}),
        "get": lambda: client.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"],
        "batch": lambda: client.batch_get_item(
            RequestItems={"orders": {"Keys": [{"id": {"S": "1"}}]}}
        ),
        "transact": lambda: client.transact_write_items(
            TransactItems=[{"Put": {"TableName": "orders", "Item": {"id": {"S": "2"}}}}]
        ),
        "partiql": lambda: client.execute_statement(Statement='SELECT * FROM "orders"'),
    },
    "kinesis": {
        "create": lambda: client.create_stream(StreamName="orders", ShardCount=1),
        "put": lambda: client.put_record(StreamName="orders", Data=b"m", PartitionKey="1"),
        "batch": lambda: client.put_records(
            StreamName="orders", Records=[{"Data": b"m", "PartitionKey": "1"}]
        ),
        "records": records,
    },
}[service]


def told(call):
    try:
        CALLS[call]()
    except ClientError as error:
        answer = error.response
        return f"{answer['Error']['Code']} {answer['ResponseMetadata']['HTTPStatusCode']}"
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    return "ok"


names = list(CALLS) if calls == "all" else calls.split(",")
print(json.dumps({call: told(call) for call in names}))

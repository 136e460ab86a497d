BEGIN TRANSACTION;
CREATE TABLE activations (
	id VARCHAR(64) NOT NULL, 
	licence_id VARCHAR(64) NOT NULL, 
	device_key VARCHAR(64) NOT NULL, 
	jwk JSON NOT NULL, 
	binding VARCHAR(16) NOT NULL, 
	activated_at BIGINT NOT NULL, 
	components JSON NOT NULL, 
	drifts JSON NOT NULL, 
	head VARCHAR(128) NOT NULL, 
	seq BIGINT NOT NULL, 
	chain JSON NOT NULL, 
	host JSON NOT NULL, 
	seen_at BIGINT NOT NULL, 
	first_request VARCHAR(128) NOT NULL, 
	first_document TEXT NOT NULL, 
	last_request VARCHAR(128) NOT NULL, 
	last_document TEXT NOT NULL, 
	CONSTRAINT pk_activations PRIMARY KEY (id), 
	CONSTRAINT ck_activations_binding CHECK (binding IN ('live', 'superseded', 'deactivated')), 
	CONSTRAINT fk_activations_licence_id_licences FOREIGN KEY(licence_id) REFERENCES licences (id), 
	CONSTRAINT uq_activations_device_key UNIQUE (device_key)
);
INSERT INTO "activations" VALUES('act_bmp2wmqvfx64x5yrsd8a','lic_jgc6z4tv25npr4p8wsx0','vuC4RDITpc-jiU4YvYoK52B1A4KcrwbWmL7KMIkvPe0','{"crv": "Ed25519", "x": "mQpFSDFYNLMj2haGQoUCuUFV2l7M2gJ-ZaNX9SLkHK0", "kty": "OKP"}','live',1800000000,'{"product_uuid": "hycmHN14vf9JFHdL6OIErqPyKE8bL1xXqzzUCNqj5Vc", "machine_id": "Qptz80kscus8ubsQ2EFemnrr6pjkS1ING8PkO9Nr8_k", "board_serial": "YeKMeON3qvmlAKD0U4Z2BSFg3OPxPjvuEjeQqLiCT4c", "cpu": "e5f05YFC7atlwVNL-efMHaiIRZ9kTOFinO3KzB_o8ws"}','[]','doc_tvdbkhycr3mrgfpz3y13',4,'{"displaced": [], "switches": [], "visits": [["SUvPyyHK8BDSstCokhdPdVE2S68SStXPt2h5j6W6LI0", 260200, 1800259200]], "surroundings": [], "anchored": true}','{"name": "vm", "os": "Linux 6.18.44-fc-v595", "agent": "0.1.0", "virtualisation": "container", "key": "file"}',1800259200,'req_szw1zx4awfhpgtwxce3n','eyJhbGciOiJFZERTQSIsInR5cCI6ImxpY2VuY2Urand0Iiwia2lkIjoiRlczXzJZcGp2N0FBTUlFcEpEbmJTZGRhVFV1TmxqRGdsVXVNSTJmNmxLVSJ9.eyJpc3MiOiJodHRwczovL2xpY2VuY2UuZXhhbXBsZS5jb20iLCJzdWIiOiJsaWNfamdjNno0dHYyNW5wcjRwOHdzeDAiLCJhY3QiOiJhY3RfYm1wMndtcXZmeDY0eDV5cnNkOGEiLCJqdGkiOiJkb2NfZmJzZTR2emp6YW52OWdiczM0ZjAiLCJzZXEiOjEsImlhdCI6MTgwMDAwMDAwMCwiZXhwIjoxODAxMjk2MDAwLCJub25jZSI6Im5vbl94bmd2dGZtZDd5OW5rYmJxNmgyciIsImNuZiI6eyJqa3QiOiJ2dUM0UkRJVHBjLWppVTRZdllvSzUyQjFBNEtjcndiV21MN0tNSWt2UGUwIn0sImFjdGl2YXRlZF9hdCI6MTgwMDAwMDAwMCwic3RhdHVzIjoiYWN0aXZlIiwicmVhc29uIjpudWxsLCJjdXN0b21lciI6eyJpZCI6ImN1c18yYjl0aDUybnNxYncxdzdmdjFnMCIsIm5hbWUiOiLZgdmI2YTYp9ivINm-2KfYsdizIn0sInByb2R1Y3QiOnsibmFtZSI6Ik93aiBDUk0iLCJlZGl0aW9uIjoic3RhbmRhcmQifSwic2l0ZSI6Im1haW4iLCJ0ZXJtcyI6eyJzdGFydHNfYXQiOjE4MDAwMDAwMDAsImVuZHNfYXQiOm51bGwsImdyYWNlIjo2MDQ4MDAsInN1cHBvcnRfZW5kc19hdCI6bnVsbH0sInNlYXRzIjp7Im1vZGVsIjoiY29uY3VycmVudCIsInVzZXJzIjozLCJjbGllbnRzIjpudWxsLCJzZXJ2aWNlIjowLCJvdmVyZHJhZnQiOnsidXNlcnMiOjAsImRheXMiOjB9fSwiZmVhdHVyZXMiOltdLCJuZXR3b3JrcyI6W10sImZpbmdlcnByaW50Ijp7ImNvbXBvbmVudHMiOnsicHJvZHVjdF91dWlkIjoiaHljbUhOMTR2ZjlKRkhkTDZPSUVycVB5S0U4YkwxeFhxenpVQ05xajVWYyIsIm1hY2hpbmVfaWQiOiJRcHR6ODBrc2N1czh1YnNRMkVGZW1ucnI2cGprUzFJTkc4UGtPOU5yOF9rIiwiYm9hcmRfc2VyaWFsIjoiWWVLTWVPTjNxdm1sQUtEMFU0WjJCU0ZnM09QeFBqdnVFamVRcUxpQ1Q0YyIsImNwdSI6ImU1ZjA1WUZDN2F0bHdWTkwtZWZNSGFpSVJaOWtUT0Zpbk8zS3pCX284d3MifSwidGhyZXNob2xkIjo2MH0sInZhbGlkYXRpb24iOnsiaW50ZXJ2YWwiOjg2NDAwLCJyZWZyZXNoX2F0IjoxODAwMDg2NDAwLCJncmFjZSI6MTIwOTYwMH0sIm5vdGljZXMiOltdfQ.87qpQWu7LrXRlGo-ltDFuvPWwWqcNOPn6vzjy5OBN8F8zgkQoaUNZ-fqO8q9079xrbscbholKSXn0R9MTJQyAw','req_cqaf15mfega45h903hz6','eyJhbGciOiJFZERTQSIsInR5cCI6ImxpY2VuY2Urand0Iiwia2lkIjoiRlczXzJZcGp2N0FBTUlFcEpEbmJTZGRhVFV1TmxqRGdsVXVNSTJmNmxLVSJ9.eyJpc3MiOiJodHRwczovL2xpY2VuY2UuZXhhbXBsZS5jb20iLCJzdWIiOiJsaWNfamdjNno0dHYyNW5wcjRwOHdzeDAiLCJhY3QiOiJhY3RfYm1wMndtcXZmeDY0eDV5cnNkOGEiLCJqdGkiOiJkb2NfdHZkYmtoeWNyM21yZ2ZwejN5MTMiLCJzZXEiOjQsImlhdCI6MTgwMDI1OTIwMCwiZXhwIjoxODAxNTU1MjAwLCJub25jZSI6Im5vbl9lcTByOHA3ZHY4OWN4ajVkeTQyZyIsImNuZiI6eyJqa3QiOiJ2dUM0UkRJVHBjLWppVTRZdllvSzUyQjFBNEtjcndiV21MN0tNSWt2UGUwIn0sImFjdGl2YXRlZF9hdCI6MTgwMDAwMDAwMCwic3RhdHVzIjoiYWN0aXZlIiwicmVhc29uIjpudWxsLCJjdXN0b21lciI6eyJpZCI6ImN1c18yYjl0aDUybnNxYncxdzdmdjFnMCIsIm5hbWUiOiLZgdmI2YTYp9ivINm-2KfYsdizIn0sInByb2R1Y3QiOnsibmFtZSI6Ik93aiBDUk0iLCJlZGl0aW9uIjoic3RhbmRhcmQifSwic2l0ZSI6Im1haW4iLCJ0ZXJtcyI6eyJzdGFydHNfYXQiOjE4MDAwMDAwMDAsImVuZHNfYXQiOm51bGwsImdyYWNlIjo2MDQ4MDAsInN1cHBvcnRfZW5kc19hdCI6bnVsbH0sInNlYXRzIjp7Im1vZGVsIjoiY29uY3VycmVudCIsInVzZXJzIjozLCJjbGllbnRzIjpudWxsLCJzZXJ2aWNlIjowLCJvdmVyZHJhZnQiOnsidXNlcnMiOjAsImRheXMiOjB9fSwiZmVhdHVyZXMiOltdLCJuZXR3b3JrcyI6W10sImZpbmdlcnByaW50Ijp7ImNvbXBvbmVudHMiOnsicHJvZHVjdF91dWlkIjoiaHljbUhOMTR2ZjlKRkhkTDZPSUVycVB5S0U4YkwxeFhxenpVQ05xajVWYyIsIm1hY2hpbmVfaWQiOiJRcHR6ODBrc2N1czh1YnNRMkVGZW1ucnI2cGprUzFJTkc4UGtPOU5yOF9rIiwiYm9hcmRfc2VyaWFsIjoiWWVLTWVPTjNxdm1sQUtEMFU0WjJCU0ZnM09QeFBqdnVFamVRcUxpQ1Q0YyIsImNwdSI6ImU1ZjA1WUZDN2F0bHdWTkwtZWZNSGFpSVJaOWtUT0Zpbk8zS3pCX284d3MifSwidGhyZXNob2xkIjo2MH0sInZhbGlkYXRpb24iOnsiaW50ZXJ2YWwiOjg2NDAwLCJyZWZyZXNoX2F0IjoxODAwMzQ1NjAwLCJncmFjZSI6MTIwOTYwMH0sIm5vdGljZXMiOltdfQ.Blc3E1h2-rFt2GkGcCpu-02vxnNbE5lP0C9d4IxIU0UDy_GWo9ktpZm8NklwQpKt-Iw1bxV356w_peBF31utCw');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	subject VARCHAR(64) NOT NULL, 
	details TEXT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,1800000000,'cli:release','operator_added','opr_kgpxb2hyt8e1mr1q5tfr','{"name":"admin","operators":{"opr_kgpxb2hyt8e1mr1q5tfr":"f0a8ba7593cd3d08389101467b7b9276bb00184f5bc5e461d69fc61330197156"},"role":"administrator"}','0000000000000000000000000000000000000000000000000000000000000000','2f9507eb379641fd5ad93a5936f86af09ade4ca97c26d791359cffe3bfb73df1');
INSERT INTO "audit" VALUES(2,1800000000,'operator:tests','customer_added','cus_2b9th52nsqbw1w7fv1g0','{"customers":{"cus_2b9th52nsqbw1w7fv1g0":"86f7014872070bbd267454c9ec1ec0264cb4d14c980ce4e50340fc01119e0fdc"},"name":"\u0641\u0648\u0644\u0627\u062f \u067e\u0627\u0631\u0633"}','2f9507eb379641fd5ad93a5936f86af09ade4ca97c26d791359cffe3bfb73df1','4480316bcf12842551f9adde6f072d3c09a8c3c948193f4da3cfc22ad58ad985');
INSERT INTO "audit" VALUES(3,1800000000,'operator:tests','licence_issued','lic_jgc6z4tv25npr4p8wsx0','{"clients":null,"code":["c5eb0101cdf8afc91ba5570bb3c1d3f5cdad86e77ff01167b286a76accfff3f7","lic_jgc6z4tv25npr4p8wsx0","activation",1802592000],"customer":"cus_2b9th52nsqbw1w7fv1g0","ends_at":null,"licence":"9a9a0f845852a2553bf5347e90527da7a995b93d10242b6ba16fe2a249754bd5","reason":null,"state":"issued","users":3}','4480316bcf12842551f9adde6f072d3c09a8c3c948193f4da3cfc22ad58ad985','78536a70b8e89d6aae0f2fde3b88bd63cc2d8aef8918a261999703657cad98ed');
INSERT INTO "audit" VALUES(4,1800000000,'agent:act_bmp2wmqvfx64x5yrsd8a','licence_activated','lic_jgc6z4tv25npr4p8wsx0','{"activation":"act_bmp2wmqvfx64x5yrsd8a","activations":{"act_bmp2wmqvfx64x5yrsd8a":"4e8879484a32ad64b617f48bc916edf210cec2d1254459bf316fdbb17ea839b8"},"document":"04d48a4d64a10fe653adcbe4794b8e9fe1a4854f18277eef358c8675a83f2887","licence":"dfaad430a792d6b8559ff0c1f7e96d0676746fe069fbf8151c7a69bc40127255","seq":1,"status":"active"}','78536a70b8e89d6aae0f2fde3b88bd63cc2d8aef8918a261999703657cad98ed','32265f355939e632309a79458840b65152cc6c7cea0e28f7ef88a9a50f583c28');
INSERT INTO "audit" VALUES(5,1800086400,'agent:act_bmp2wmqvfx64x5yrsd8a','licence_validated','lic_jgc6z4tv25npr4p8wsx0','{"activation":"act_bmp2wmqvfx64x5yrsd8a","activations":{"act_bmp2wmqvfx64x5yrsd8a":"0c73bd838acc0dfd5616734484227ce67684464d267e1386b35aee0678a23132"},"document":"fc41bf0956641d599f9267dda01f02599050410fad0d603c10d5e4e3f67e600a","licence":"dfaad430a792d6b8559ff0c1f7e96d0676746fe069fbf8151c7a69bc40127255","reported":[],"seq":2,"status":"active"}','32265f355939e632309a79458840b65152cc6c7cea0e28f7ef88a9a50f583c28','7cd0d0507ef33b74865f93e96336e0213939c7ea0da9e743cc6082620e047be6');
INSERT INTO "audit" VALUES(6,1800172800,'agent:act_bmp2wmqvfx64x5yrsd8a','licence_validated','lic_jgc6z4tv25npr4p8wsx0','{"activation":"act_bmp2wmqvfx64x5yrsd8a","activations":{"act_bmp2wmqvfx64x5yrsd8a":"a002670714bd68a72372c222a219628be372021ead2c3a8197c045f03d460a4f"},"document":"139dd974cc8a7391dd36e8f369c5cb73a0270bd88fe596409c53e1bf15d1b2a6","licence":"dfaad430a792d6b8559ff0c1f7e96d0676746fe069fbf8151c7a69bc40127255","reported":[],"seq":3,"status":"active"}','7cd0d0507ef33b74865f93e96336e0213939c7ea0da9e743cc6082620e047be6','cc3c5bf8981857216a04e2c5fe574a660f8f0f58efc3f52f7af555bc7df34150');
INSERT INTO "audit" VALUES(7,1800259200,'agent:act_bmp2wmqvfx64x5yrsd8a','licence_validated','lic_jgc6z4tv25npr4p8wsx0','{"activation":"act_bmp2wmqvfx64x5yrsd8a","activations":{"act_bmp2wmqvfx64x5yrsd8a":"a9ab5c42be427808aca3111ba537671248d6a87373f9cbae07588afd9deed4e3"},"document":"dc79cea6d4ec18ecf3c3ef0ba4d36b8ce2cf1c764f818c412d8a8a55be830fdc","licence":"dfaad430a792d6b8559ff0c1f7e96d0676746fe069fbf8151c7a69bc40127255","reported":[],"seq":4,"status":"active"}','cc3c5bf8981857216a04e2c5fe574a660f8f0f58efc3f52f7af555bc7df34150','e0705dcdb1df9fed6f879e80bf5afc8827f7c8b028e779656b17097391d03343');
INSERT INTO "audit" VALUES(8,1800259200,'operator:tests','customer_added','cus_vp17jjk3jd4cj3adm3za','{"customers":{"cus_vp17jjk3jd4cj3adm3za":"a39613246723a7decf627b83ff3828f8fb36a6344591cf7bc78b303fb2892207"},"name":"\u0641\u0648\u0644\u0627\u062f \u067e\u0627\u0631\u0633"}','e0705dcdb1df9fed6f879e80bf5afc8827f7c8b028e779656b17097391d03343','6217ce6230ee5159fb22e5f5da46c68f87f2ac8bf43a9c0945c0dd0d4f7c8501');
INSERT INTO "audit" VALUES(9,1800259200,'operator:tests','licence_issued','lic_mqy6ea9m5km90he232ra','{"clients":null,"code":["a026f411521fdd4340ecce027594c8d14422862077ffe62e6b3c1d4d5f8f9598","lic_mqy6ea9m5km90he232ra","activation",1802851200],"customer":"cus_vp17jjk3jd4cj3adm3za","ends_at":null,"licence":"6926bc956064dca989ceeb9277ee8dff9dbe39e9f6a8822e6f1688051777b207","reason":null,"state":"issued","users":3}','6217ce6230ee5159fb22e5f5da46c68f87f2ac8bf43a9c0945c0dd0d4f7c8501','58bac207860bd8ff59a5c8843d68c433f4ae0fde5c37ca9beac6c0567aee8a3a');
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	seal TEXT NOT NULL, 
	CONSTRAINT pk_audit_head PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,9,'58bac207860bd8ff59a5c8843d68c433f4ae0fde5c37ca9beac6c0567aee8a3a',1800259200,'FW3_2Ypjv7AAMIEpJDnbSddaTUuNljDglUuMI2f6lKU.bxUfpgwJ6fG6ZP3DlFqx1fdygrKodyQ6LKRq285VCPOoV5vODC1hQic0xCtFe5KpxudM5rppUsfKyf_J58THCQ');
CREATE TABLE checkpoints (
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	document TEXT NOT NULL, 
	CONSTRAINT pk_checkpoints PRIMARY KEY (seq)
);
INSERT INTO "checkpoints" VALUES(7,1800259200,'eyJhbGciOiJFZERTQSIsInR5cCI6ImF1ZGl0LWNoZWNrcG9pbnQrand0Iiwia2lkIjoiRlczXzJZcGp2N0FBTUlFcEpEbmJTZGRhVFV1TmxqRGdsVXVNSTJmNmxLVSJ9.eyJpc3MiOiJodHRwczovL2xpY2VuY2UuZXhhbXBsZS5jb20iLCJzZXEiOjcsImRpZ2VzdCI6ImUwNzA1ZGNkYjFkZjlmZWQ2Zjg3OWU4MGJmNWFmYzg4MjdmN2M4YjAyOGU3Nzk2NTZiMTcwOTczOTFkMDMzNDMiLCJpYXQiOjE4MDAyNTkyMDB9.uVEOUm1fLrlo5molo3kv8fAsy4_ylupK-walOw7HEgju-yWaa0Y23_wTSOwfdh-vKE2_VurtT6BDegnZZ7zrCQ');
CREATE TABLE codes (
	digest VARCHAR(64) NOT NULL, 
	licence_id VARCHAR(64) NOT NULL, 
	purpose VARCHAR(16) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	used_by VARCHAR(64), 
	void_at BIGINT, 
	CONSTRAINT pk_codes PRIMARY KEY (digest), 
	CONSTRAINT fk_codes_licence_id_licences FOREIGN KEY(licence_id) REFERENCES licences (id)
);
INSERT INTO "codes" VALUES('c5eb0101cdf8afc91ba5570bb3c1d3f5cdad86e77ff01167b286a76accfff3f7','lic_jgc6z4tv25npr4p8wsx0','activation',1800000000,1802592000,1800000000,'act_bmp2wmqvfx64x5yrsd8a',NULL);
INSERT INTO "codes" VALUES('a026f411521fdd4340ecce027594c8d14422862077ffe62e6b3c1d4d5f8f9598','lic_mqy6ea9m5km90he232ra','activation',1800259200,1802851200,NULL,NULL,NULL);
CREATE TABLE customers (
	id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	national_id VARCHAR(11) NOT NULL, 
	email TEXT NOT NULL, 
	mobile VARCHAR(20) NOT NULL, 
	representative TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_customers PRIMARY KEY (id)
);
INSERT INTO "customers" VALUES('cus_2b9th52nsqbw1w7fv1g0','فولاد پارس','','','','',1800000000);
INSERT INTO "customers" VALUES('cus_vp17jjk3jd4cj3adm3za','فولاد پارس','','','','',1800259200);
CREATE TABLE documents (
	id VARCHAR(128) NOT NULL, 
	activation_id VARCHAR(64) NOT NULL, 
	seq BIGINT NOT NULL, 
	request_id VARCHAR(128) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (id), 
	CONSTRAINT fk_documents_activation_id_activations FOREIGN KEY(activation_id) REFERENCES activations (id), 
	CONSTRAINT uq_documents_activation_id UNIQUE (activation_id, request_id)
);
INSERT INTO "documents" VALUES('doc_fbse4vzjzanv9gbs34f0','act_bmp2wmqvfx64x5yrsd8a',1,'req_szw1zx4awfhpgtwxce3n','active',1800000000);
INSERT INTO "documents" VALUES('doc_1abbh3q7hn4tjdv1q07s','act_bmp2wmqvfx64x5yrsd8a',2,'req_kchmqeanpwjzz92fmwpe','active',1800086400);
INSERT INTO "documents" VALUES('doc_ap6myvjtmd3wq7vwgeyh','act_bmp2wmqvfx64x5yrsd8a',3,'req_j8vhty4nqv9tppp7cemz','active',1800172800);
INSERT INTO "documents" VALUES('doc_tvdbkhycr3mrgfpz3y13','act_bmp2wmqvfx64x5yrsd8a',4,'req_cqaf15mfega45h903hz6','active',1800259200);
CREATE TABLE licences (
	id VARCHAR(64) NOT NULL, 
	customer_id VARCHAR(64) NOT NULL, 
	product TEXT NOT NULL, 
	edition TEXT NOT NULL, 
	site TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(64), 
	starts_at BIGINT NOT NULL, 
	ends_at BIGINT, 
	terms_grace BIGINT NOT NULL, 
	support_ends_at BIGINT, 
	seats JSON NOT NULL, 
	features JSON NOT NULL, 
	networks JSON NOT NULL, 
	threshold INTEGER NOT NULL, 
	interval BIGINT NOT NULL, 
	grace BIGINT NOT NULL, 
	on_clone VARCHAR(16) NOT NULL, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_licences PRIMARY KEY (id), 
	CONSTRAINT ck_licences_on_clone CHECK (on_clone IN ('suspend', 'report')), 
	CONSTRAINT ck_licences_state CHECK (state IN ('issued', 'active', 'suspended', 'revoked', 'recovered')), 
	CONSTRAINT fk_licences_customer_id_customers FOREIGN KEY(customer_id) REFERENCES customers (id)
);
INSERT INTO "licences" VALUES('lic_jgc6z4tv25npr4p8wsx0','cus_2b9th52nsqbw1w7fv1g0','Owj CRM','standard','main','active',NULL,1800000000,NULL,604800,NULL,'{"model": "concurrent", "users": 3, "clients": null, "service": 0, "overdraft": {"users": 0, "days": 0}}','[]','[]',60,86400,1209600,'suspend',1800000000,1800000000);
INSERT INTO "licences" VALUES('lic_mqy6ea9m5km90he232ra','cus_vp17jjk3jd4cj3adm3za','Owj CRM','standard','main','issued',NULL,1800259200,NULL,604800,NULL,'{"model": "concurrent", "users": 3, "clients": null, "service": 0, "overdraft": {"users": 0, "days": 0}}','[]','[]',60,86400,1209600,'suspend',1800259200,1800259200);
CREATE TABLE operators (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(64) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	password_hash TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_operators PRIMARY KEY (id), 
	CONSTRAINT uq_operators_name UNIQUE (name)
);
INSERT INTO "operators" VALUES('opr_kgpxb2hyt8e1mr1q5tfr','admin','administrator','hash of 27 letters',1800000000);
CREATE TABLE usages (
	activation_id VARCHAR(64) NOT NULL, 
	hour_at BIGINT NOT NULL, 
	users BIGINT NOT NULL, 
	clients BIGINT NOT NULL, 
	CONSTRAINT pk_usages PRIMARY KEY (activation_id, hour_at), 
	CONSTRAINT fk_usages_activation_id_activations FOREIGN KEY(activation_id) REFERENCES activations (id)
);
CREATE INDEX ix_audit_subject ON audit (subject);
CREATE UNIQUE INDEX uq_customers_national_id ON customers (national_id) WHERE national_id <> '';
CREATE INDEX ix_licences_customer_id ON licences (customer_id);
CREATE INDEX ix_activations_licence_id ON activations (licence_id);
CREATE UNIQUE INDEX uq_activations_one_live ON activations (licence_id) WHERE binding = 'live';
CREATE INDEX ix_codes_licence_id ON codes (licence_id);
CREATE TRIGGER licences_keep_customer BEFORE UPDATE OF customer_id ON licences WHEN NEW.customer_id <> OLD.customer_id BEGIN SELECT RAISE(ABORT, 'a licence is never transferred to another customer (T2)'); END;
COMMIT;
PRAGMA user_version = 0;
